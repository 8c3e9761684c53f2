// Connect: from a target, or from an authorization token, to a listening proxy. In order: name,
// session, process, listen. Whatever fails after a session was authorized here cancels that session
// again.

#include "agent/agent.hpp"
#include "agent/reuse.hpp"

#include "base/log.hpp"
#include "base/time.hpp"
#include "boundary/protocol.hpp"
#include "boundary/session_authorization.hpp"

namespace agent::core {
awaitable<Result<Connected>> Agent::connect(ClusterChoice choice, ConnectWords words,
                                            ConnectObserver& observer) {
    if (!words.name.empty() && !config::valid_name(words.name))
        co_return fail(
            Errc::invalid_argument, Hop::local, "\"" + words.name + "\" is no name for a proxy",
            "use up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
    if (!words.name.empty() && proxies_.taken(words.name))
        co_return fail(Errc::proxy_exists, Hop::local,
                       "there is a proxy " + words.name + " already",
                       "agentctl disconnect " + words.name + ", or choose another name");
    if (words.listen_port < 0 || words.listen_port > 65535)
        co_return fail(Errc::invalid_argument, Hop::local,
                       "listen_port must be between 0 and 65535");

    if (words.persistent) {
        if (!words.authorization_token.empty() || choice.token)
            co_return fail(Errc::invalid_argument, Hop::local,
                           "a proxy that is kept needs a target and a stored login: a token of "
                           "today opens nothing "
                           "tomorrow",
                           "leave out -token and -authz-token");
        const auto durable = store_.durable();
        if (!durable) co_return durable.error();
    }
    const auto remembered = words.name.empty() ? std::nullopt : find_remembered(words.name);
    if (remembered && !(words.persistent && remembered->source == model::ProxySource::kept))
        co_return fail(Errc::proxy_exists, Hop::local,
                       "there is a proxy " + words.name + " already, disconnected",
                       "agentctl reconnect " + words.name + ", or choose another name");

    if (words.reuse)
        co_return co_await connect_reusing(std::move(choice), std::move(words), observer);

    const bool authorized_here = words.authorization_token.empty();
    if (authorized_here) {
        const auto wanted = co_await observer.progress("authorizing");
        if (!wanted) co_return wanted.error();
    }
    Launching launching(launcher_, tasks_, executor_); // while the controller thinks
    auto authorized = co_await authorize_for(choice, words);
    if (!authorized) co_return authorized.error();

    auto started = co_await start_proxy(choice, words, *authorized, launching, observer);
    if (!started) {
        if (!authorized_here) co_return started.error();
        co_return co_await ledger_.abandon(choice, authorized->session_id, started.error());
    }
    Connected connected;
    connected.proxy = std::move(*started);
    connected.credentials = std::move(authorized->credentials);
    co_return connected;
}

awaitable<Result<Authorized>> Agent::authorize_for(ClusterChoice choice, ConnectWords words) {
    Authorized authorized;
    const bool here = words.authorization_token.empty();
    if (here) {
        const TargetWords& target = words.target;
        std::string wished_name = target.target_name.empty() ? target.target : target.target_name;
        const std::string proxy_name = words.name.empty() ? wished_name : words.name;
        auto recorded = co_await ledger_.authorize(choice, target, proxy_name);
        if (recorded) recorded->wished_name = std::move(wished_name);
        co_return recorded;
    }
    authorized.token = words.authorization_token;
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
    ledger_.lend(choice, authorized, words.name);
    co_return authorized;
}

std::shared_ptr<ManagedProxy> Agent::make_proxy(boost::asio::any_io_executor executor,
                                                const ClusterChoice& choice,
                                                const ConnectWords& words) {
    auto proxy = std::make_shared<ManagedProxy>(executor);
    proxy->settings = choice.settings;
    proxy->token_name =
        choice.use_stored_login && !choice.token ? choice.token_name : std::string("none");
    proxy->way = way_of(choice, words);
    proxy->target = words.target;
    ProxySpec& spec = proxy->spec;
    spec.proxy_settings() = words.proxy_settings();
    if (spec.listen_address.empty()) spec.listen_address = model::ProxySettings().listen_address;
    spec.authorized_here = words.authorization_token.empty();
    if (spec.authorized_here) spec.cluster = choice.settings.address;
    spec.cluster_settings = controller::settings_to_json(choice.settings);
    spec.token_name = proxy->token_name;
    spec.target = words.target.target_name.empty() ? words.target.target : words.target.target_name;
    spec.persistent = words.persistent;
    return proxy;
}

awaitable<Result<ProxyStatus>> Agent::start_proxy(ClusterChoice choice, ConnectWords words,
                                                  const Authorized& authorized,
                                                  Launching& launching, ConnectObserver& observer) {
    const auto wanted = co_await observer.progress("starting");
    if (!wanted) co_return wanted.error();
    std::string name = words.name;
    if (name.empty()) {
        const auto remembered = [this](const std::string& one) {
            return find_remembered(one).has_value();
        };
        name = proxies_.free_name(authorized.wished_name, remembered);
    } else if (proxies_.taken(name)) { // meanwhile
        co_return fail(Errc::proxy_exists, Hop::local, "there is a proxy " + name + " already");
    }
    const Proxies::Reservation reserved(proxies_, name);

    auto proxy = make_proxy(executor_, choice, words);
    proxy->spec.name = name;
    auto launched = co_await launching.take();
    if (!launched) co_return launched.error();
    std::optional<SessionSecrets> secrets = secrets_in(authorized);
    auto served = co_await serve(proxy, std::move(*launched), std::move(secrets));
    if (!served) {
        Error problem = served.error();
        // Expired between our look at the token and the process's own: the same answer as a moment
        // earlier.
        if (problem.hop == Hop::expiry && !words.authorization_token.empty())
            problem.code = Errc::invalid_authorization;
        co_return problem;
    }
    // Written down before anybody is told: what is acknowledged is kept.
    const auto remembered = remember(*proxy, words.persistent ? model::ProxySource::kept
                                                              : model::ProxySource::transient);
    if (!remembered && words.persistent) {
        const auto handle = proxy->handle;
        const Reason why(ReasonCode::start_failed, "could not be remembered");
        (void)co_await end_process(handle, why, false);
        listeners_.let_go(*proxy);
        co_return remembered.error();
    }
    proxy->held_session = authorized.session_id;
    ledger_.arrived(authorized.session_id);
    follow_new(proxy);
    expiry_.look_again();
    held_changed();
    events_.publish(EventKind::proxy_started, "listening on " + place_of(*served), *served);
    co_return served;
}

void Agent::follow_new(std::shared_ptr<ManagedProxy> proxy) {
    proxies_.add(proxy);
    tasks_.spawn_lasting([this, proxy = std::move(proxy)] { return follow(proxy); },
                         "follow proxy");
}

} // namespace agent::core
