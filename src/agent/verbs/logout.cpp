// Logout: the token is deleted at the controller, which cancels its sessions there, and forgotten
// here.

#include "agent/parts.hpp"
#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {

awaitable<Result<LoggedOut>> logout(Controllers& controllers, keyring::Logins& logins,
                                    ClusterChoice choice) {
    const auto token = co_await controllers.token_of(choice);
    if (!token) co_return token.error();
    LoggedOut done;
    if (token->empty()) co_return done;
    done.found = true;
    const auto text = token->reveal();
    const std::size_t second = text.find('_', text.find('_') + 1);
    controller::Request request;
    request.method = "DELETE";
    request.path = "/v1/auth-tokens/" + controller::percent_encode(text.substr(0, second));
    request.token = *token;
    const auto reply = co_await controllers.client_of(choice.settings)->send(std::move(request));
    if (!reply) co_return in_cluster(choice, reply.error());
    done.status = reply->status;
    // 401, 403 and 404: it was dead already
    const bool dead = reply->status == 401 || reply->status == 403 || reply->status == 404;
    if (!reply->ok() && !dead) co_return controller::error_of(*reply);
    if (choice.token) co_return done; // a caller's own: the stored login goes on
    const keyring::Key key{choice.settings.address, choice.token_name};
    const auto removed = co_await logins.remove(key);
    if (!removed) co_return removed.error();
    co_return done;
}

awaitable<Result<LoggedOut>> logout(const Parts& parts, ClusterChoice choice) {
    auto outcome = co_await logout(parts.controllers, parts.logins, choice);
    if (!outcome || !outcome->found) co_return outcome;
    LoggedOut done = std::move(*outcome);
    std::string told = "logged out at " + choice.settings.address;
    if (choice.token) { // a caller's own: the stored login and what it holds go on
        parts.events.publish(EventKind::logout, told + " with a caller's token");
        co_return done;
    }
    const keyring::Key key{choice.settings.address, choice.token_name};
    done.sessions = parts.held.drop(key, Reason(ReasonCode::logged_out));
    parts.events.publish(EventKind::logout, told + told_ends(done.sessions));
    co_return done;
}

} // namespace agent::core::verbs
