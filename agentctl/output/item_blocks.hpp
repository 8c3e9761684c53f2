#pragma once
// The blocks of an item's table, each of the kind that its row in ../resources says.

#include "agentctl/output/resource.hpp"

namespace agentctl {

/// A heading and the texts of a list under it; nothing when there is none.
void add_words(std::string& out, const agent::Json* words, std::string_view title);
/// Nothing when the item has no such member. `pad` is longest_key() of the rows above it.
void add_block(std::string& out, const Block& block, const agent::Json& item, std::size_t pad);

} // namespace agentctl
