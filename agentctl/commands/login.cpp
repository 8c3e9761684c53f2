// login [CLUSTER]: asks the cluster how one logs in there, then a person for name and password. The
// agent keeps the login. authenticate is the same for scripts that were written for Boundary's
// command.

#include "ipc/messages/authenticate.hpp"
#include "ipc/messages/login_method.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/credentials.hpp"
#include "agentctl/output/item_table.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

const Attempt attempt{"authentication", "log in"};

std::string words_for(const ipc::LoginMethod::Response& method) {
    return method.id + (method.name.empty() ? "" : " (" + printable(method.name) + ")");
}

agent::Error other_kind(const ipc::LoginMethod::Response& method) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::login,
                       "the auth method of " + printable(method.scope_id) + " at " +
                           printable(method.address) + ", " + words_for(method) +
                           ", is of the type " + printable(method.type) +
                           ", which the agent cannot do yet",
                       "Name a password or LDAP method with -auth-method-id; `agentctl "
                       "auth-methods list` shows them.");
}

std::string done_text(const ipc::Authenticate::Response& answer, const std::string& where,
                      const std::string& who) {
    const agent::Json* attributes = agent::find_member(answer.item, "attributes");
    const std::string until =
        attributes == nullptr ? "" : agent::string_member(*attributes, "expiration_time");
    std::string text = "Signed in to " + printable(where) + " as " + printable(who);
    if (!until.empty()) text += " until " + shown_time(until);
    return text + "; the login is kept in " + answer.keyring.value_or("memory") + ".\n";
}

} // namespace

Outcome login(const Invocation& invocation) {
    ClientFlags client;
    std::optional<std::string> method, scope, login_name;
    std::optional<agent::Secret> password;
    Flags flags = invocation.flags();
    client.add_cluster_argument(flags);
    flags.text("scope-id", scope,
               "Scope whose primary auth method is used; the cluster's own, else global.",
               "BOUNDARY_SCOPE_ID");
    flags.text("auth-method-id", method, "The auth method; the scope's primary one when missing.",
               "BOUNDARY_AUTH_METHOD_ID");
    flags.text("login-name", login_name, "Who logs in; asked for on a terminal when missing.",
               "BOUNDARY_AUTHENTICATE_PASSWORD_LOGIN_NAME");
    flags.secret(
        "password", password,
        std::string(
            "The password: env://NAME, file://PATH, or - for standard input. Else the value of ") +
            password_variable + ", else a prompt.");
    client.add_to(flags, false);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (client.without_keyring())
        return bad_usage(
            "login is for a login that is kept",
            "For a token that is not, use `agentctl authenticate password -keyring-type none`.");

    ipc::LoginMethod::Request question;
    question.cluster = begun.cluster;
    question.auth_method_id = method;
    question.scope_id = scope;
    const auto found = call_agent<ipc::LoginMethod>(question);
    if (!found) return Failure{found.error(), attempt};
    if (!found->supported) return Failure{other_kind(*found), attempt};
    if (!login_name)
        print_error("Logging in to " + printable(found->address) + " by " + words_for(*found) +
                    ".\n");
    auto credentials = ask_credentials(login_name, password);
    if (!credentials) return Failure{credentials.error(), {}};

    ipc::Authenticate::Request request;
    request.cluster = std::move(begun.cluster);
    request.auth_method_id = found->id;
    request.scope_id = found->scope_id;
    request.login_name = credentials->login_name;
    request.password = std::move(credentials->password);
    request.store = true;
    const auto answer = call_agent<ipc::Authenticate>(request);
    if (!answer) return Failure{answer.error(), attempt};
    if (!answer->stored)
        return Failure{agent::fail(agent::Errc::keyring_failed, agent::Hop::login,
                                   "logged in, but the login could not be kept: " +
                                       answer->warning.value_or("the keyring refused it"),
                                   "`agentctl keyring` shows what can be used."),
                       attempt};
    if (answer->warning) print_error(printable(*answer->warning) + "\n");
    const std::string name = request.cluster->name.value_or("");
    return Answer(done_text(*answer,
                            name.empty() ? found->address : name + " (" + found->address + ")",
                            request.login_name),
                  item_json(answer->status_code, answer->item));
}

} // namespace agentctl
