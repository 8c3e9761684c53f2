// Password login: finds the auth method when none is named, logs in, and keeps the login when asked.

#include "agent/agent.hpp"

#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core {

awaitable<Result<Authenticated>> Agent::authenticate(ClusterChoice choice, Credentials credentials) {
    choice.use_stored_login = false; // a dead login must not stand in the way of a new one
    choice.token.reset();
    if (credentials.auth_method_id.empty()) {
        auto primary = co_await primary_auth_method(choice, credentials.scope_id);
        if (!primary) co_return primary.error();
        credentials.auth_method_id = std::move(*primary);
    }
    Json body = Json::object();
    body["command"] = "login";
    body["attributes"]["login_name"] = credentials.login_name;
    body["attributes"]["password"] = std::string(credentials.password.reveal());
    controller::Request request;
    request.method = "POST";
    request.path = "/v1/auth-methods/" + controller::percent_encode(credentials.auth_method_id) + ":authenticate";
    request.body = Secret(dump_json(body));
    request.repeatable = false;
    const auto reply = co_await client_of(choice.settings)->send(std::move(request));
    if (!reply) co_return reply.error();
    if (!reply->ok()) {
        Error error = controller::error_of(*reply);
        if (reply->status == 401) error.hint = "check the login name and the password";
        co_return error;
    }
    auto item = item_of(*reply);
    if (!item) co_return item.error();

    Authenticated done;
    done.reply = std::move(*item);
    const auto attributes = done.reply.item.find("attributes");
    const bool complete = attributes != done.reply.item.end() && !string_member(*attributes, "token").empty();
    if (!complete)
        co_return fail(Errc::controller_protocol, Hop::controller,
                       choice.settings.address + ": the login's answer has no token",
                       "is this address a Boundary controller's API?");
    if (credentials.store) {
        const keyring::Key key{choice.settings.address, choice.token_name};
        Secret login(dump_json(*attributes));
        const auto expires = parse_rfc3339(string_member(*attributes, "expiration_time"));
        const auto stored = co_await logins_.store(key, std::move(login), expires, choice.keyring);
        if (stored) {
            done.keyring = stored->keyring;
            done.warning = stored->warning;
            done.stored = true;
            attributes->erase("token");
        } else {
            log::warning("login not stored: {}", stored.error().message); // the caller gets the token instead
            done.warning = stored.error().message;
        }
    }
    events_.publish("login", "logged in at " + choice.settings.address + " as " + choice.token_name);
    co_return done;
}

awaitable<Result<std::string>> Agent::primary_auth_method(ClusterChoice choice, std::string scope_id) {
    if (scope_id.empty()) scope_id = "global";
    controller::ListQuery query;
    query.collection = "/v1/auth-methods";
    query.parameters.emplace_back("scope_id", scope_id);
    const auto client = client_of(choice.settings);
    const auto methods = co_await controller::list_all(*client, std::move(query), nullptr);
    if (!methods) co_return methods.error();
    for (const auto& method : methods->items) {
        const Json* primary = find_member(method, "is_primary");
        if (primary != nullptr && primary->is_boolean() && primary->get<bool>()) {
            const std::string id = string_member(method, "id");
            if (!id.starts_with("ampw_"))
                co_return fail(Errc::invalid_argument, Hop::login,
                               "the primary auth method of " + scope_id + ", " + id + ", takes no password",
                               "name a password method with -auth-method-id");
            co_return id;
        }
    }
    co_return fail(Errc::invalid_argument, Hop::login, "scope " + scope_id + " has no primary auth method",
                   "name one with -auth-method-id");
}

} // namespace agent::core
