#pragma once
// Every action a grant can name, as bits of a set. What an action brings with it ("read" brings
// "read:self", "*" brings all) is worked out once, when a grant is read.

#include <bitset>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace devserver {

inline constexpr std::size_t max_actions = 64;
using ActionSet = std::bitset<max_actions>;

/// "read:self" → its bit; nullopt for what is no action. "*" is none: see all_actions().
std::optional<std::size_t> find_action(std::string_view name);
std::string_view action_name(std::size_t action);

ActionSet all_actions();
/// Of names that exist; throws std::logic_error for others: they are written in the code.
ActionSet action_set(std::initializer_list<std::string_view> names);
/// list and create with what is below them: they are of collections, not of single resources.
const ActionSet& collection_actions();
/// Each of them with the actions below it: read → read, read:self.
ActionSet with_subactions(ActionSet actions);

} // namespace devserver
