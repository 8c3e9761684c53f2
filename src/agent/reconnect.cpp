// Reconnect: a person wants a proxy to have a session now: one that waits for that, or that was disconnected.

#include "agent/agent.hpp"

#include "async/with_timeout.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
constexpr auto provide_limit = 30s;

awaitable<void> wait_provided(std::shared_ptr<RunningProxy> proxy) {
    while (proxy->providing && !proxy->ended && proxy->status.session_id.empty() &&
           proxy->status.state != "waiting-login" && proxy->status.state != "waiting-network")
        co_await proxy->changed.wait();
}

} // namespace

awaitable<Result<ProxyStatus>> Agent::reconnect(std::string name) {
    auto proxy = proxies_.find(name);
    if (!proxy) {
        const auto record = find_remembered(name);
        if (!record)
            co_return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name, "agentctl list shows them");
        const auto written = store_.set_stopped(name, "");
        if (!written) co_return written.error();
        co_await start_remembered(*record, nullptr);
        proxy = proxies_.find(name);
        if (!proxy)
            co_return fail(Errc::proxy_failed, Hop::local, "proxy " + name + " cannot be started",
                           "agentctl why " + name);
    }
    if (!proxy->persistent())
        co_return fail(Errc::invalid_argument, Hop::local, "proxy " + name + " ends with its session",
                       "agentctl connect makes a new one");
    if (!proxy->status.session_id.empty()) co_return proxy->status;
    proxy->needs_person = false;
    proxy->asked_for = true;
    proxy->pace.hurry();
    proxy->hurry.notify_all();
    want_session(proxy);
    co_await async::with_timeout(wait_provided(proxy), provide_limit);
    if (!proxy->status.session_id.empty()) co_return proxy->status;
    if (proxy->obstacle) co_return *proxy->obstacle;
    co_return fail(Errc::timed_out, Hop::controller, "there is no session for " + name + " yet",
                   "agentctl why " + name);
}

} // namespace agent::core
