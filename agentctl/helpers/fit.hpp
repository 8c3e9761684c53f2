#pragma once
// What a controller says goes into argument lists, files and environments of programs that nobody
// here wrote. These say what is let through; everything else is refused before anything is run.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace agentctl::helpers {

inline constexpr std::size_t longest_name = 256;
inline constexpr std::size_t longest_secret = 32 * 1024;

/// Exit code 2, and the reference's words in front.
agent::Error cannot_collect(std::string why, std::string hint = {});

/// A user's name: no option, nothing that a terminal would not show as it is.
agent::Status fit_username(const std::string& name);
/// No zero byte, and not too long. `lines`: where its reader can take line breaks.
enum class Lines { refused, allowed };
agent::Status fit_secret(std::string_view secret, Lines lines);
/// An id of the controller's: letters, digits, '_', '-', '.', ':', and no option.
bool plain_id(std::string_view id);
/// A host's name or IPv4 address.
bool plain_host(std::string_view host);

} // namespace agentctl::helpers
