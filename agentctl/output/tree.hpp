#pragma once
// Members as rows, and whatever is nested as lines that go further in.

#include "agentctl/output/layout.hpp"
#include "agentctl/output/resource.hpp"

#include <functional>
#include <span>

namespace agentctl {

std::vector<Row> rows_of(const agent::Json& item, std::span<const Column> columns);

using LabelOf = std::function<std::string(const std::string& member)>;
/// "default_client_port" as "Default Client Port".
std::string label_of(const std::string& member);

/// It needs more than one line.
bool holds_objects(const agent::Json& value);
/// Whatever is in it, each level two columns further in.
void add_tree(std::string& out, const agent::Json& value, std::size_t indent, const LabelOf& label);

} // namespace agentctl
