// Disconnect: end a proxy and its session. One that is remembered stays so, unless it is to be forgotten.

#include "agent/agent.hpp"

#include "agent/this_boot.hpp"
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

} // namespace

awaitable<Result<Disconnected>> Agent::disconnect(std::string name, bool forget) {
    const auto proxy = proxies_.find(name);
    if (!proxy) co_return disconnect_remembered(name, forget);
    const auto record = find_remembered(name);
    if (forget && record && record->source == "config")
        co_return fail(Errc::invalid_argument, Hop::local, "proxy " + name + " is declared in config.toml",
                       "remove it there, then: agentctl reload");
    // Written first: whatever happens next, it does not come back by itself.
    if (record) {
        const auto written = forget ? store_.set_stopped(name, "forgotten") : store_.set_stopped(name, this_boot());
        if (!written) co_return written.error();
    }
    const bool cancel = !proxy->session_over && (proxy->status.authorized_here || lives_on(proxy->status));
    auto stopped = co_await stop_proxy(proxy, "Disconnected", cancel);
    Disconnected done;
    if (stopped) {
        done.session_canceled = stopped->session_canceled;
        if (done.session_canceled) {
            proxy->session_over = true;
            session_done(*proxy);
        }
    } else {
        log::warning("proxy={} did not stop: {}", name, stopped.error().message); // its process has gone
    }
    if (!proxy->ended) mark_ended(*proxy, "Disconnected");
    if (!proxy->session_over && proxy->status.authorized_here) co_await settle_session(proxy);
    done.session_canceled = done.session_canceled || proxy->session_over;
    done.proxy = proxy->status;
    if (record && forget) {
        const auto forgotten = store_.forget_proxy(name);
        if (!forgotten) co_return forgotten.error();
    }
    co_return done;
}

// It does not run: there is nothing to end, but maybe something to forget.
Result<Disconnected> Agent::disconnect_remembered(const std::string& name, bool forget) {
    const auto record = find_remembered(name);
    if (!record)
        return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name, "agentctl list shows them");
    if (!forget)
        return fail(Errc::proxy_not_found, Hop::local, "proxy " + name + " is disconnected already",
                    "agentctl reconnect " + name + " starts it, agentctl disconnect -forget " + name + " forgets it");
    if (record->source == "config")
        return fail(Errc::invalid_argument, Hop::local, "proxy " + name + " is declared in config.toml",
                    "remove it there, then: agentctl reload");
    const auto forgotten = store_.forget_proxy(name);
    if (!forgotten) return forgotten.error();
    Disconnected done;
    done.proxy.name = name;
    done.proxy.state = "ended";
    done.proxy.reason = "Forgotten";
    return done;
}

awaitable<Result<ProxyStopped>> Agent::stop_proxy(std::shared_ptr<RunningProxy> proxy, std::string reason,
                                                  bool cancel_session) {
    const auto handle = proxy->handle;
    auto stopped = co_await handle->stop(reason, cancel_session);
    if (!stopped) co_return stopped;
    if (!proxy->ended) {
        show(*proxy, stopped->proxy);
        mark_ended(*proxy, reason);
    }
    co_return stopped;
}

awaitable<void> Agent::end_proxy(std::shared_ptr<RunningProxy> proxy, std::string reason) {
    if (proxy->ended) co_return;
    const auto stopped = co_await stop_proxy(proxy, reason, false);
    if (!stopped && !proxy->ended) mark_ended(*proxy, reason);
}

} // namespace agent::core
