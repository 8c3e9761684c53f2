#include "agentctl/credentials.hpp"

#include "agentctl/prompt.hpp"
#include "agentctl/secret_source.hpp"
#include "base/command_line.hpp"

namespace agentctl {
namespace {

agent::Result<agent::Secret> find_password(const std::optional<agent::Secret>& flag) {
    auto variable = agent::take_from_environment(password_variable);
    if (flag && !flag->empty()) return read_secret_source(flag->reveal(), "-password");
    if (variable && !variable->empty()) return std::move(*variable);
    auto asked = prompt_secret("Password (it will not be shown): ");
    if (asked) return asked;
    agent::Error error = asked.error();
    if (error.code == agent::Errc::invalid_argument)
        error = agent::fail(error.code, error.hop, "no password: " + error.message,
                            std::string("Give -password env://NAME or file://PATH, or set ") +
                                password_variable + ".");
    return error;
}

} // namespace

agent::Result<Credentials> ask_credentials(const std::optional<std::string>& login_name,
                                           const std::optional<agent::Secret>& password) {
    Credentials credentials;
    if (login_name) credentials.login_name = *login_name;
    if (credentials.login_name.empty()) {
        auto asked = prompt_line("Login name: ");
        if (!asked)
            return agent::fail(
                asked.error().code, asked.error().hop, "no login name: " + asked.error().message,
                "Give -login-name, or set BOUNDARY_AUTHENTICATE_PASSWORD_LOGIN_NAME.");
        credentials.login_name = std::move(*asked);
    }
    auto secret = find_password(password);
    if (!secret) return secret.error();
    credentials.password = std::move(*secret);
    return credentials;
}

} // namespace agentctl
