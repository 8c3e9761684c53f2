#pragma once
// Ids as Boundary writes them: a prefix that names the kind, an underscore, ten base62 characters.

#include <string>
#include <string_view>

namespace devserver {

std::string new_id(std::string_view prefix);
/// The part before the underscore; empty when there is none.
std::string_view id_prefix(std::string_view id);

} // namespace devserver
