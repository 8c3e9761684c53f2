// Disconnect, and the life of a proxy after its start: one coroutine follows each until it ends, from our side or its
// own, and then makes sure that no session is left behind.

#include "agent/agent.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
constexpr auto still_long = 5min; // a bare token's session is canceled at the end only when it would live on for longer

bool lives_on(const ProxyStatus& proxy) {
    const auto expiration = parse_rfc3339(proxy.expiration);
    return expiration && *expiration - wall_now() > still_long;
}

std::string reason_of(const Json& session) {
    const std::string reason = string_member(session, "termination_reason");
    if (reason == "timed out") return "Session has expired";
    if (reason == "connection limit") return "No connections left in session";
    if (reason.empty() || reason == "canceled") return "Session canceled";
    return "Session ended: " + reason;
}

} // namespace

awaitable<Result<Disconnected>> Agent::disconnect(std::string name) {
    const auto proxy = proxies_.find(name);
    if (!proxy)
        co_return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name, "agentctl list shows them");
    const bool cancel = !proxy->session_over && (proxy->status.authorized_here || lives_on(proxy->status));
    auto stopped = co_await stop_proxy(proxy, "Disconnected", cancel);
    Disconnected done;
    if (stopped) {
        done.session_canceled = stopped->session_canceled;
        if (done.session_canceled) proxy->session_over = true;
    } else {
        log::warning("proxy={} did not stop: {}", name, stopped.error().message); // its process has gone
    }
    if (!proxy->ended) mark_ended(*proxy, "Disconnected");
    if (!proxy->session_over && proxy->status.authorized_here) co_await settle_session(proxy);
    done.session_canceled = done.session_canceled || proxy->session_over;
    done.proxy = proxy->status;
    co_return done;
}

awaitable<void> Agent::follow(std::shared_ptr<RunningProxy> proxy) {
    while (!proxy->ended) {
        auto change = co_await proxy->handle->next_change();
        if (proxy->ended) break;
        if (!change) {
            log::warning("proxy={} lost: {}", proxy->status.name, change.error().message);
            mark_ended(*proxy, "agent-proxy died");
            break;
        }
        const bool last = change->last || change->proxy.state == "ended";
        const bool suspicious = change->kind == "connection-failed" || change->kind == "connection-closed";
        take_change(*proxy, std::move(*change));
        if (last)
            mark_ended(*proxy, proxy->status.reason);
        else if (suspicious && !proxy->checking && proxy->settings)
            tasks_.spawn(check_session(proxy), "check session");
    }
    if (proxy->status.authorized_here && !proxy->session_over) co_await settle_session(proxy);
}

void Agent::take_change(RunningProxy& proxy, ProxyChange change) {
    const std::string name = proxy.status.name;
    proxy.status = std::move(change.proxy);
    proxy.status.name = name; // its key
    ++proxy.revision;
    proxy.changed.notify_all();
    if (change.kind != "proxy-started" && change.kind != "proxy-ended") // ours say these
        events_.publish(std::move(change.kind), std::move(change.message), proxy.status);
}

void Agent::mark_ended(RunningProxy& proxy, std::string reason) {
    if (proxy.ended) return;
    proxy.ended = true;
    proxy.status.state = "ended";
    if (!reason.empty()) proxy.status.reason = reason;
    proxy.status.connections_open = 0;
    ++proxy.revision;
    proxies_.remove(proxy);
    proxy.changed.notify_all();
    events_.publish("proxy-ended", proxy.status.reason, proxy.status);
}

awaitable<Result<ProxyStopped>> Agent::stop_proxy(std::shared_ptr<RunningProxy> proxy, std::string reason,
                                                  bool cancel_session) {
    auto stopped = co_await proxy->handle->stop(reason, cancel_session);
    if (!stopped) co_return stopped;
    if (!proxy->ended) {
        const std::string name = proxy->status.name;
        proxy->status = stopped->proxy;
        proxy->status.name = name;
        mark_ended(*proxy, reason);
    }
    co_return stopped;
}

// Cancels at the controller what was authorized here and may still live. Quiet when it is over already.
awaitable<void> Agent::settle_session(std::shared_ptr<RunningProxy> proxy) {
    if (!proxy->settings || proxy->session_over) co_return;
    proxy->session_over = true; // tried once: by this one
    ClusterChoice choice;
    choice.settings = *proxy->settings;
    choice.token_name = proxy->token_name;
    choice.use_stored_login = proxy->token_name != "none";
    const auto canceled = co_await cancel_session(std::move(choice), proxy->status.session_id, std::nullopt);
    if (canceled || canceled.error().status == 404) co_return;
    proxy->session_over = false;
    log::warning("session={} of proxy={} may live on: {}", proxy->status.session_id, proxy->status.name,
                 canceled.error().message);
}

// A connection was refused or cut: the session may be over, and its controller knows why.
awaitable<void> Agent::check_session(std::shared_ptr<RunningProxy> proxy) {
    proxy->checking = true;
    ClusterChoice choice;
    choice.settings = *proxy->settings;
    choice.token_name = proxy->token_name;
    choice.use_stored_login = proxy->token_name != "none";
    const std::string id = proxy->status.session_id;
    const auto session = co_await read(std::move(choice), "sessions", id); // ends the proxy when the session is over
    const bool gone = !session && session.error().status == 404;
    if (gone && proxy->status.authorized_here && !proxy->ended) {
        proxy->session_over = true;
        co_await end_proxy(proxy, "Session ended");
    }
    co_await async::sleep_for(1s); // no more than one question a second
    proxy->checking = false;
}

awaitable<void> Agent::end_proxy(std::shared_ptr<RunningProxy> proxy, std::string reason) {
    if (proxy->ended) co_return;
    const auto stopped = co_await stop_proxy(proxy, reason, false);
    if (!stopped && !proxy->ended) mark_ended(*proxy, reason);
}

void Agent::notice_session(const Json& session) {
    const std::string status = string_member(session, "status");
    if (status != "canceling" && status != "terminated") return;
    const auto proxy = proxies_.find_session(string_member(session, "id"));
    if (!proxy || proxy->ended || proxy->session_over) return;
    proxy->session_over = true;
    tasks_.spawn(end_proxy(proxy, reason_of(session)), "end proxy");
}

} // namespace agent::core
