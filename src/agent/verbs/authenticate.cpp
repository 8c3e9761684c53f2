// Login with a name and a password (password and LDAP methods): finds the auth method when none is
// named, logs in, and keeps the login when asked.

#include "agent/verbs/verbs.hpp"

#include "agent/clusters/auth_token.hpp"
#include "agent/parts.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core::verbs {
namespace {

Error no_such_login(const LoginMethod& method) {
    return fail(Errc::invalid_argument, Hop::login,
                "the auth method of " + method.scope_id + ", " + method.id + ", is of the type " +
                    method.type + ", which takes no password; the agent can do no other kind yet",
                "name a password or LDAP method with -auth-method-id");
}

} // namespace

awaitable<Result<Authenticated>> authenticate(Controllers& controllers, keyring::Logins& logins,
                                              ClusterChoice choice, Credentials credentials) {
    choice.use_stored_login = false; // a dead login must not stand in the way of a new one
    choice.token.reset();
    const auto method = co_await login_method(controllers, choice, credentials.auth_method_id,
                                              credentials.scope_id);
    if (!method) co_return method.error();
    if (!method->supported) co_return no_such_login(*method);
    credentials.auth_method_id = method->id;
    Json body = Json::object();
    body["command"] = "login";
    body["attributes"]["login_name"] = credentials.login_name;
    body["attributes"]["password"] = std::string(credentials.password.reveal());
    controller::Request request;
    request.method = "POST";
    request.path = "/v1/auth-methods/" + controller::percent_encode(credentials.auth_method_id) +
                   ":authenticate";
    request.body = Secret(dump_json(body));
    wipe(body);
    request.repeatable = false;
    auto reply = co_await controllers.client_of(choice.settings)->send(std::move(request));
    if (!reply) co_return in_cluster(choice, reply.error());
    if (!reply->ok()) {
        Error error = controller::error_of(*reply);
        if (reply->status == 401) {
            error.code = Errc::authentication_failed;
            error.hop = Hop::login;
            error.hint = "check the login name and the password";
        }
        co_return error;
    }
    auto item = item_of(*reply);
    wipe(reply->body);
    if (!item) co_return item.error();

    Authenticated done;
    done.reply = std::move(*item);
    const auto attributes = done.reply.item.find("attributes");
    const bool complete =
        attributes != done.reply.item.end() && !string_member(*attributes, "token").empty();
    if (!complete)
        co_return fail(Errc::controller_protocol, Hop::controller,
                       choice.settings.address + ": the login's answer has no token",
                       "is this address a Boundary controller's API?");
    if (!usable_token(attributes->at("token").get_ref<const std::string&>())) {
        wipe(attributes->at("token"));
        co_return fail(Errc::controller_protocol, Hop::controller,
                       choice.settings.address +
                           ": the login's answer has a token that cannot be one: at most " +
                           std::to_string(longest_token) +
                           " visible characters of ASCII can be sent",
                       "is this address a Boundary controller's API?");
    }
    if (credentials.store) {
        const keyring::Key key{choice.settings.address, choice.token_name};
        Json kept = *attributes;
        kept["agentd_login_name"] = credentials.login_name; // for people; not the controller's
        Secret login(dump_json(kept));
        wipe(kept);
        if (login.reveal().size() > longest_login) {
            wipe(attributes->at("token"));
            co_return fail(Errc::controller_protocol, Hop::controller,
                           choice.settings.address +
                               ": the login's answer says more than a login can keep: at most " +
                               std::to_string(longest_login) + " bytes",
                           "is this address a Boundary controller's API?");
        }
        const auto expires = parse_rfc3339(string_member(*attributes, "expiration_time"));
        const std::string asked =
            choice.keyring == "pass" ? std::string() : choice.keyring; // read from, never written
        const auto stored = co_await logins.store(key, std::move(login), expires, asked);
        if (stored) {
            done.keyring = stored->keyring;
            done.warning = stored->warning;
            done.stored = true;
            wipe(attributes->at("token"));
            attributes->erase("token");
        } else {
            log::warning("login not stored: {}",
                         stored.error().message); // the caller gets the token instead
            done.warning = stored.error().message;
        }
    }
    co_return done;
}

awaitable<Result<Authenticated>> authenticate(const Parts& parts, ClusterChoice choice,
                                              Credentials credentials) {
    const std::string as = choice.settings.address + " as " + choice.token_name;
    auto done = co_await authenticate(parts.controllers, parts.logins, std::move(choice),
                                      std::move(credentials));
    if (!done) co_return done;
    if (done->stored) {
        parts.proxies.logged_in();
        parts.ledger.look_again();
        parts.expiry.look_again();
        parts.held.look();
    }
    parts.events.publish(EventKind::login, "logged in at " + as);
    co_return done;
}

} // namespace agent::core::verbs
