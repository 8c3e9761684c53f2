// authenticate, authenticate password, authenticate ldap: log in. The agent keeps the login, except
// with -format json or without a keyring: then the token is printed, as Boundary's command does.

#include "ipc/messages/authenticate.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/credentials.hpp"
#include "agentctl/output/item_table.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace agentctl {
namespace {

std::string kept_elsewhere(const ipc::Authenticate::Response& answer) {
    return "\nThe login is kept in " + answer.keyring.value_or("memory") + ": " +
           printable(*answer.warning) + "\n";
}

std::string token_of(const agent::Json& item) {
    const agent::Json* attributes = agent::find_member(item, "attributes");
    return agent::string_member(attributes == nullptr ? item : *attributes, "token");
}

Answer logged_in(const ipc::Authenticate::Response& answer, bool asked_to_store,
                 const std::string& token_name) {
    Answer out(login_table(answer.item), item_json(answer.status_code, answer.item));
    if (answer.stored) {
        if (answer.warning) out.aside(kept_elsewhere(answer));
        return out.then(
            "\nThe token name \"" + token_name +
            "\" was successfully stored in the chosen keyring and is not displayed here.\n");
    }
    if (answer.warning) out.aside("\n" + printable(*answer.warning) + "\n");
    out.aside(asked_to_store ? "\nThe token could not be stored in a keyring. The token is:\n"
                             : "\nStoring the token in a keyring was disabled. The token is:\n");
    out.then(token_of(answer.item) + "\n");
    return out.aside("Please be sure to store it safely!\n");
}

} // namespace

Outcome authenticate(const Invocation& invocation) {
    const bool with_password_flags = invocation.verb.name != "authenticate";
    ClientFlags client;
    std::optional<std::string> method, scope, login_name;
    std::optional<agent::Secret> password;
    Flags flags = invocation.flags();
    flags.text("scope-id", scope,
               "Scope whose primary auth method is used when none is named; global when missing.",
               "BOUNDARY_SCOPE_ID");
    if (with_password_flags) {
        flags.text("auth-method-id", method,
                   "The auth method; the scope's primary one when missing.",
                   "BOUNDARY_AUTH_METHOD_ID");
        flags.text("login-name", login_name, "Who logs in; asked for on a terminal when missing.",
                   "BOUNDARY_AUTHENTICATE_PASSWORD_LOGIN_NAME");
        flags.secret("password", password,
                     std::string("The password: env://NAME, file://PATH, or - for standard input. "
                                 "Else the value of ") +
                         password_variable + ", else a prompt.");
    }
    client.add_to(flags, false);
    flags.accepted("token", true); // a login never travels with one
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (!with_password_flags) {
        if (const char* name = std::getenv("BOUNDARY_AUTHENTICATE_PASSWORD_LOGIN_NAME");
            name != nullptr)
            login_name = name;
        if (const char* id = std::getenv("BOUNDARY_AUTH_METHOD_ID"); id != nullptr && *id != '\0')
            method = id;
    }

    auto credentials = ask_credentials(login_name, password);
    if (!credentials) return Failure{credentials.error(), {}};

    ipc::Authenticate::Request request;
    request.cluster = std::move(begun.cluster);
    if (method && !method->empty()) request.auth_method_id = method;
    if (scope && !scope->empty()) request.scope_id = scope;
    request.login_name = std::move(credentials->login_name);
    request.password = std::move(credentials->password);
    request.store = !invocation.printer.for_scripts() && !client.without_keyring();
    const auto answer = call_agent<ipc::Authenticate>(request);
    if (!answer)
        return Failure{answer.error(), Attempt{"authentication", "perform authentication"}};
    return logged_in(*answer, request.store, client.token_name());
}

} // namespace agentctl
