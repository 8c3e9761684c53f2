#include "agent/process/proxy_pings.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <boost/asio/this_coro.hpp>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto revived_limit = 30s;

bool is_silence(const Status& answer) {
    return !answer && answer.error().code == Errc::timed_out;
}

awaitable<void> wait_replaced(std::shared_ptr<ManagedProxy> proxy,
                              std::shared_ptr<ProxyHandle> handle) {
    while (!proxy->ended() && proxy->handle == handle) co_await proxy->changed.wait();
}

} // namespace

awaitable<void> ProxyPings::run() {
    for (;;) {
        co_await async::sleep_for(pace_.period);
        const auto quiet_since = Clock::now() - pace_.period;
        for (const auto& [name, proxy] : proxies_.all())
            if (!proxy->pinging() && proxy->handle && proxy->heard <= quiet_since)
                tasks_.spawn(ping(proxy), "ping");
    }
}

awaitable<void> ProxyPings::ping(std::shared_ptr<ManagedProxy> proxy) {
    const During pinging(*proxy, CourseEvent::ping_began, CourseEvent::ping_stopped);
    const auto handle = proxy->handle;
    for (int unanswered = 0; unanswered < PingPace::unanswered;) {
        const auto began = Clock::now();
        const auto asked = net::read_clocks();
        const auto answer = co_await handle->ping(pace_.answer);
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none)
            co_return; // agentd ends, its proxies live on
        if (proxy->ended() || proxy->handle != handle) co_return;
        if (!is_silence(answer) || proxy->heard >= began) {
            proxy->unanswered = 0;
            co_return;
        }
        if (!silence_counts(asked, net::read_clocks(), pace_.answer)) continue;
        proxy->unanswered = ++unanswered;
        log::warning("proxy={} pid={} has not answered for {} ms", proxy->spec.name,
                     proxy->status.pid, pace_.answer.count() * unanswered);
    }
    co_await end_hung(proxy, handle);
}

// A person asks for it now: whether it hangs is found out now.
awaitable<void> ProxyPings::revive_if_hung(std::shared_ptr<ManagedProxy> proxy) {
    const auto handle = proxy->handle;
    const auto answer = co_await handle->ping(pace_.answer);
    if (!is_silence(answer) || proxy->ended() || proxy->handle != handle) co_return;
    co_await end_hung(proxy, handle);
    co_await async::with_timeout(wait_replaced(proxy, handle), revived_limit);
}

awaitable<void> end_hung(std::shared_ptr<ManagedProxy> proxy, std::shared_ptr<ProxyHandle> handle) {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
    log::error("proxy={} pid={} does not answer and is killed", proxy->spec.name,
               proxy->status.pid);
    proxy->on(CourseEvent::found_hung);
    const auto killed = co_await handle->kill(0ms);
    if (killed) co_return; // follow() sees that it has gone
    proxy->on(CourseEvent::not_killed);
    log::error("proxy={} does not answer and runs on: {}", proxy->spec.name,
               killed.error().message);
}

} // namespace agent::core
