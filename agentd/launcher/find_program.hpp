#pragma once
// Where our other programs are: beside the running one, else in ../libexec/agentd.

#include <optional>
#include <string>

namespace agentd {

std::optional<std::string> find_program(const std::string& name);

} // namespace agentd
