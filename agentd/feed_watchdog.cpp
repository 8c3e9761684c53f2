#include "agentd/feed_watchdog.hpp"

#include "agentd/notify.hpp"
#include "async/with_timeout.hpp"

namespace agentd {

agent::awaitable<void> feed_watchdog(std::chrono::microseconds period) {
    for (;;) {
        notify_alive();
        co_await agent::async::sleep_for(period / 3);
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
    }
}

} // namespace agentd
