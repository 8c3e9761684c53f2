#pragma once
// Standard base64 (RFC 4648 §4): session certificates, brokered secrets.

#include <optional>
#include <string>
#include <string_view>

namespace agent {

/// `padded`: append '=' to a multiple of four (Boundary's JSON does; its keyring values do not).
std::string base64_encode(std::string_view bytes, bool padded = true);
/// Accepts padded and unpadded text; nullopt for anything else.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace agent
