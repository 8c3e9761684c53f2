// Reconnect: a person wants a proxy to have a session now: one that waits for that, or that was
// disconnected.

#include "agent/parts.hpp"
#include "agent/proxy/remembered.hpp"
#include "agent/verbs/verbs.hpp"

#include "async/with_timeout.hpp"

namespace agent::core::verbs {
namespace {

using namespace std::chrono_literals;
constexpr auto provide_limit = 30s;

/// Until it has a session, or something new is known to stand in the way: whoever finds that takes
/// the wish back.
awaitable<void> wait_provided(std::shared_ptr<ManagedProxy> proxy) {
    while (proxy->providing() && proxy->asked_for() && !proxy->ended() &&
           proxy->status.session_id.empty())
        co_await proxy->changed.wait();
}

} // namespace

awaitable<Result<ProxyStatus>> reconnect(const Parts& parts, std::string name) {
    auto proxy = parts.proxies.find(name);
    if (!proxy) {
        const auto record = find_remembered(parts.store, name);
        if (!record)
            co_return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name,
                           "agentctl list shows them");
        const auto written = parts.store.set_stopped(name, "");
        if (!written) co_return written.error();
        const auto started = co_await start_remembered(parts, *record, nullptr);
        if (!started) co_return started.error();
        proxy = parts.proxies.find(name);
        if (!proxy)
            co_return fail(Errc::proxy_failed, Hop::local,
                           "proxy " + name + " has ended at its start", "agentctl why " + name);
    } else if (proxy->persistent()) {
        co_await parts.pings.revive_if_hung(proxy);
    }
    if (!proxy->persistent())
        co_return fail(Errc::invalid_argument, Hop::local,
                       "proxy " + name + " ends with its session",
                       "agentctl connect makes a new one");
    if (proxy->ended())
        co_return fail(Errc::canceled, Hop::local, "proxy " + name + " was ended meanwhile");
    if (!proxy->status.session_id.empty()) co_return proxy->status;
    proxy->ask_now();
    co_await async::with_timeout(wait_provided(proxy), provide_limit);
    if (proxy->ended())
        co_return fail(Errc::canceled, Hop::local, "proxy " + name + " was ended meanwhile");
    if (!proxy->status.session_id.empty()) co_return proxy->status;
    if (proxy->obstacle) co_return *proxy->obstacle;
    co_return fail(Errc::timed_out, Hop::controller, "there is no session for " + name + " yet",
                   "agentctl why " + name);
}

} // namespace agent::core::verbs
