#pragma once
// Percent-encoding of RFC 3986: everything but its unreserved characters.

#include <string>
#include <string_view>

namespace agent {

/// "a b/c" → "a%20b%2Fc"
std::string percent_encode(std::string_view text);

} // namespace agent
