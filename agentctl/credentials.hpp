#pragma once
// Name and password for a login: flags and variables first, else asked for on the terminal, the
// password without echo. Used by authenticate and login.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>

namespace agentctl {

inline constexpr const char* password_variable = "BOUNDARY_AUTHENTICATE_PASSWORD_PASSWORD";

struct Credentials {
    std::string login_name;
    agent::Secret password;
};
/// `password`: the flag, which names where it is. Errc::invalid_argument says what to give when
/// there is no terminal.
agent::Result<Credentials> ask_credentials(const std::optional<std::string>& login_name,
                                           const std::optional<agent::Secret>& password);

} // namespace agentctl
