#pragma once
// UTF-8 checks: protobuf strings and WebSocket close reasons must be UTF-8 and go into JSON later.

#include <cstddef>
#include <string_view>

namespace agent::boundary {

/// No overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);
/// The longest start of `text` that has at most `limit` bytes and cuts no character.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

} // namespace agent::boundary
