// Connect: from a target, or from an authorization token, to a listening proxy. In order: name,
// session, process, listen. Whatever fails after a session was authorized here cancels that session
// again.

#include "agent/parts.hpp"
#include "agent/proxy/remembered.hpp"
#include "agent/verbs/verbs.hpp"

#include "base/time.hpp"
#include "boundary/protocol.hpp"
#include "boundary/session_authorization.hpp"

namespace agent::core::verbs {
namespace {

/// What can be said against it before anybody is asked.
Status check_connect(const Parts& parts, const ClusterChoice& choice,
                     const ConnectOptions& options) {
    if (!options.name.empty() && !config::valid_name(options.name))
        return fail(Errc::invalid_argument, Hop::local,
                    "\"" + options.name + "\" is no name for a proxy",
                    "use up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
    if (!options.name.empty() && parts.proxies.taken(options.name))
        return fail(Errc::proxy_exists, Hop::local, "there is a proxy " + options.name + " already",
                    "agentctl disconnect " + options.name + ", or choose another name");
    if (options.listen_port < 0 || options.listen_port > 65535)
        return fail(Errc::invalid_argument, Hop::local, "listen_port must be between 0 and 65535");

    if (options.persistent) {
        if (!options.authorization_token.empty() || choice.token)
            return fail(Errc::invalid_argument, Hop::local,
                        "a proxy that is kept needs a target and a stored login: a token of "
                        "today opens nothing "
                        "tomorrow",
                        "leave out -token and -authz-token");
        const auto durable = parts.store.durable();
        if (!durable) return durable.error();
    }
    const auto remembered =
        options.name.empty() ? std::nullopt : find_remembered(parts.store, options.name);
    if (remembered && !(options.persistent && remembered->source == model::ProxySource::kept))
        return fail(Errc::proxy_exists, Hop::local,
                    "there is a proxy " + options.name + " already, disconnected",
                    "agentctl reconnect " + options.name + ", or choose another name");
    return {};
}

awaitable<Result<Authorized>> authorize_for(const Parts& parts, ClusterChoice choice,
                                            ConnectOptions options) {
    Authorized authorized;
    const bool here = options.authorization_token.empty();
    if (here) {
        const TargetOptions& target = options.target;
        std::string wished_name = target.target_name.empty() ? target.target : target.target_name;
        const std::string proxy_name = options.name.empty() ? wished_name : options.name;
        auto recorded = co_await parts.ledger.authorize(choice, target, proxy_name);
        if (recorded) recorded->wished_name = std::move(wished_name);
        co_return recorded;
    }
    authorized.token = options.authorization_token;
    const auto session = boundary::decode_authorization_token(authorized.token.reveal());
    if (!session) co_return session.error();
    const auto alive = boundary::check_not_expired(*session, wall_now());
    if (!alive)
        co_return fail(Errc::invalid_authorization, Hop::expiry, alive.error().message,
                       "authorize a new session");
    authorized.session_id = session->session_id;
    authorized.wished_name = session->target_id;
    authorized.expiration = session->expiration;
    authorized.tofu_token = boundary::new_tofu_token();
    parts.ledger.lend(choice, authorized, options.name);
    co_return authorized;
}

awaitable<Result<ProxyStatus>> start_proxy(const Parts& parts, ClusterChoice choice,
                                           ConnectOptions options, const Authorized& authorized,
                                           Launching& launching, ConnectObserver& observer) {
    const auto wanted = co_await observer.progress("starting");
    if (!wanted) co_return wanted.error();
    std::string name = options.name;
    if (name.empty()) {
        const auto remembered = [&parts](const std::string& one) {
            return find_remembered(parts.store, one).has_value();
        };
        name = parts.proxies.free_name(authorized.wished_name, remembered);
    } else if (parts.proxies.taken(name)) { // meanwhile
        co_return fail(Errc::proxy_exists, Hop::local, "there is a proxy " + name + " already");
    }
    const Proxies::Reservation reserved(parts.proxies, name);

    auto proxy = ManagedProxy::make(parts, choice, options);
    proxy->spec.name = name;
    auto launched = co_await launching.take();
    if (!launched) co_return launched.error();
    std::optional<SessionSecrets> secrets = secrets_in(authorized);
    auto served = co_await proxy->serve(std::move(*launched), std::move(secrets));
    if (!served) {
        Error problem = served.error();
        // Expired between our look at the token and the process's own: the same answer as a moment
        // earlier.
        if (problem.hop == Hop::expiry && !options.authorization_token.empty())
            problem.code = Errc::invalid_authorization;
        co_return problem;
    }
    // Written down before anybody is told: what is acknowledged is kept.
    const auto remembered =
        remember(parts.store, *proxy,
                 options.persistent ? model::ProxySource::kept : model::ProxySource::transient);
    if (!remembered && options.persistent) {
        const auto process = proxy->handle;
        const Reason why(ReasonCode::start_failed, "could not be remembered");
        (void)co_await end_process(process, why, false);
        parts.listeners.let_go(*proxy);
        co_return remembered.error();
    }
    proxy->held_session = authorized.session_id;
    parts.ledger.arrived(authorized.session_id);
    proxy->begin();
    parts.expiry.look_again();
    parts.held.look();
    parts.events.publish(EventKind::proxy_started, "listening on " + place_of(*served), *served);
    co_return served;
}

} // namespace

awaitable<Result<Connected>> connect(const Parts& parts, ClusterChoice choice,
                                     ConnectOptions options, ConnectObserver& observer) {
    const auto acceptable = check_connect(parts, choice, options);
    if (!acceptable) co_return acceptable.error();
    if (options.reuse)
        co_return co_await connect_reusing(parts, std::move(choice), std::move(options), observer);

    const bool authorized_here = options.authorization_token.empty();
    if (authorized_here) {
        const auto wanted = co_await observer.progress("authorizing");
        if (!wanted) co_return wanted.error();
    }
    Launching launching(parts.launcher, parts.tasks, parts.executor); // while the controller thinks
    auto authorized = co_await authorize_for(parts, choice, options);
    if (!authorized) co_return authorized.error();

    auto started = co_await start_proxy(parts, choice, options, *authorized, launching, observer);
    if (!started) {
        if (!authorized_here) co_return started.error();
        co_return co_await parts.ledger.abandon(choice, authorized->session_id, started.error());
    }
    Connected connected;
    connected.proxy = std::move(*started);
    connected.credentials = std::move(authorized->credentials);
    co_return connected;
}

} // namespace agent::core::verbs
