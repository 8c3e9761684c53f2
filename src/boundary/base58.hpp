#pragma once
// base58 in Bitcoin's alphabet, without checksum: the outer coat of an authorization token.

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace agent::boundary {

/// Decoding costs the square of the length; real tokens have 900 to 1300 characters.
inline constexpr std::size_t max_base58_length = 16 * 1024;

std::string base58_encode(std::string_view bytes);
/// Errc::invalid_authorization naming the first character that is no digit; whitespace is none.
/// Errc::limit_exceeded above max_base58_length.
Result<std::string> base58_decode(std::string_view text);

} // namespace agent::boundary
