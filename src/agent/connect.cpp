// Connect: from a target, or from an authorization token, to a listening proxy. In order: name, session, process,
// listen. Whatever fails after a session was authorized here cancels that session again.

#include "agent/agent.hpp"
#include "agent/reuse.hpp"

#include "base/log.hpp"
#include "base/time.hpp"
#include "boundary/session_authorization.hpp"

namespace agent::core {

awaitable<Result<Connected>> Agent::connect(ClusterChoice choice, ConnectWords words, ConnectObserver& observer) {
    if (!words.name.empty() && !Proxies::valid_name(words.name))
        co_return fail(Errc::invalid_argument, Hop::local, "\"" + words.name + "\" is no name for a proxy",
                       "use up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
    if (!words.name.empty() && proxies_.taken(words.name))
        co_return fail(Errc::proxy_exists, Hop::local, "there is a proxy " + words.name + " already",
                       "agentctl disconnect " + words.name + ", or choose another name");
    if (words.listen_port < 0 || words.listen_port > 65535)
        co_return fail(Errc::invalid_argument, Hop::local, "listen_port must be between 0 and 65535");

    if (words.reuse) co_return co_await connect_reusing(std::move(choice), std::move(words), observer);

    const bool authorized_here = words.authorization_token.empty();
    if (authorized_here) {
        const auto wanted = co_await observer.progress("authorizing");
        if (!wanted) co_return wanted.error();
    }
    auto authorized = co_await authorize_for(choice, words);
    if (!authorized) co_return authorized.error();

    auto started = co_await start_proxy(choice, words, *authorized, observer);
    if (!started) {
        if (!authorized_here) co_return started.error();
        co_return co_await abandon(choice, authorized->session_id, started.error());
    }
    Connected connected;
    connected.proxy = std::move(*started);
    connected.credentials = std::move(authorized->credentials);
    co_return connected;
}

awaitable<Result<Agent::Authorized>> Agent::authorize_for(ClusterChoice choice, ConnectWords words) {
    Authorized authorized;
    const bool here = words.authorization_token.empty();
    if (here) {
        auto reply = co_await authorize_session(choice, words.target);
        if (!reply) co_return reply.error();
        authorized.session_id = string_member(reply->item, "session_id");
        authorized.token = Secret(string_member(reply->item, "authorization_token"));
        const Json* credentials = find_member(reply->item, "credentials");
        if (credentials != nullptr && credentials->is_array())
            authorized.credentials.assign(credentials->begin(), credentials->end());
        authorized.wished_name = words.target.target_name.empty() ? words.target.target : words.target.target_name;
    } else {
        authorized.token = words.authorization_token;
    }
    const auto session = boundary::decode_authorization_token(authorized.token.reveal());
    if (!session) {
        if (!here) co_return session.error();
        co_return co_await abandon(choice, authorized.session_id, session.error());
    }
    if (!here) { // one just authorized is not judged by this machine's clock
        const auto alive = boundary::check_not_expired(*session, wall_now());
        if (!alive)
            co_return fail(Errc::invalid_authorization, Hop::expiry, alive.error().message, "authorize a new session");
        authorized.session_id = session->session_id;
        authorized.wished_name = session->target_id;
    }
    co_return authorized;
}

awaitable<Result<ProxyStatus>> Agent::start_proxy(ClusterChoice choice, ConnectWords words,
                                                  const Authorized& authorized, ConnectObserver& observer) {
    const auto wanted = co_await observer.progress("starting");
    if (!wanted) co_return wanted.error();
    std::string name = words.name;
    if (name.empty())
        name = proxies_.free_name(authorized.wished_name);
    else if (proxies_.taken(name)) // meanwhile
        co_return fail(Errc::proxy_exists, Hop::local, "there is a proxy " + name + " already");
    const Proxies::Reservation reserved(proxies_, name);

    auto handle = co_await launcher_.launch();
    if (!handle) co_return handle.error();
    ProxySpec spec;
    spec.name = name;
    spec.authorization_token = authorized.token;
    spec.listen_address = words.listen_address.empty() ? std::string("127.0.0.1") : words.listen_address;
    spec.listen_port = words.listen_port;
    spec.inactive_timeout = words.inactive_timeout;
    spec.inactive_from_start = words.inactive_from_start;
    spec.shared = words.shared;
    spec.authorized_here = words.authorization_token.empty();
    if (spec.authorized_here) spec.cluster = choice.settings.address;
    spec.cluster_settings = controller::settings_to_json(choice.settings);
    spec.token_name = choice.use_stored_login && !choice.token ? choice.token_name : std::string("none");
    const std::string token_name = spec.token_name;
    auto served = co_await (*handle)->serve(std::move(spec));
    if (!served) {
        auto stopped = co_await (*handle)->stop("could not start", false); // it may have gone by itself
        if (!stopped) log::debug("failed proxy={}: {}", name, stopped.error().message);
        Error problem = served.error();
        // Expired between our look at the token and the process's own: the same answer as a moment earlier.
        if (problem.hop == Hop::expiry && !words.authorization_token.empty())
            problem.code = Errc::invalid_authorization;
        co_return problem;
    }
    auto proxy = std::make_shared<RunningProxy>(executor_);
    proxy->status = *served;
    proxy->handle = std::move(*handle);
    proxy->settings = choice.settings;
    proxy->token_name = token_name;
    proxy->way = way_of(choice, words);
    follow_new(proxy);
    events_.publish("proxy-started", "listening on " + served->address + ":" + std::to_string(served->port), *served);
    co_return served;
}

awaitable<Error> Agent::abandon(ClusterChoice choice, std::string session_id, Error why) {
    if (session_id.empty()) co_return why;
    const auto canceled = co_await cancel_session(choice, session_id, std::nullopt);
    if (!canceled) {
        log::warning("session={} left behind: {}", session_id, canceled.error().message);
        why.message += "; its session " + session_id + " could not be canceled: " + canceled.error().message;
    }
    co_return why;
}

void Agent::follow_new(std::shared_ptr<RunningProxy> proxy) {
    proxies_.add(proxy);
    tasks_.spawn(follow(std::move(proxy)), "follow proxy");
}

} // namespace agent::core
