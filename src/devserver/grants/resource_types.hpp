#pragma once
// The types that grants speak of, and what an id's prefix says about its type.

#include <string_view>

namespace devserver {

/// "target", "host-set" …; "*" is none of them.
bool is_resource_type(std::string_view name);
/// "host" → "host-catalog"; a type without a parent is its own.
std::string_view parent_type(std::string_view type);
/// Whether collections of it are reached without naming a parent.
bool is_top_level(std::string_view type);
bool has_child_types(std::string_view type);
/// "ttcp_…" → "target"; empty for a prefix that names no type.
std::string_view type_of_id(std::string_view id);

} // namespace devserver
