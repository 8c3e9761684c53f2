#pragma once
// What an auth token looks like, before it is kept and sent with every request. Used where a login
// begins: authenticate.cpp, borrow_login.cpp.

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace agent::core {

/// Boundary's have some hundred; a request's head, with all else in it, has room for 8 KiB in most
/// servers.
inline constexpr std::size_t longest_token = 8U << 10U;
/// The token and what is said about it: more than this no keyring should be asked to keep.
inline constexpr std::size_t longest_login = 16U << 10U;

/// Visible ASCII of a length that can be sent: what else it held would stand in the head of every
/// request.
inline bool usable_token(std::string_view token) {
    return !token.empty() && token.size() <= longest_token &&
           std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

} // namespace agent::core
