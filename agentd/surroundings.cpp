#include "agentd/surroundings.hpp"

#include "agentd/feed_watchdog.hpp"
#include "agentd/notify.hpp"
#include "agentd/sleep_watch.hpp"
#include "base/log.hpp"
#include "net/clock_watch.hpp"
#include "net/network_watch.hpp"

#include <csignal>

namespace agentd {

using agent::awaitable;
using namespace std::chrono_literals;

Surroundings::Surroundings(boost::asio::any_io_executor executor, agent::core::Agent& agent,
                           Configuration& configuration)
    : executor_(executor), agent_(agent), configuration_(configuration), hangup_(executor, SIGHUP),
      tasks_(executor) {}

void Surroundings::start() {
    if (const auto period = watchdog_period())
        tasks_.spawn_lasting([period] { return feed_watchdog(*period); }, "watchdog");
    tasks_.spawn_lasting([this] { return read_configuration(); }, "configuration");
    tasks_.spawn_lasting([this] { return watch_network(); }, "network watch");
    tasks_.spawn_lasting([this] { return watch_clock(); }, "clock watch");
    auto woken = [this] { agent_.check_connections("the machine woke up"); };
    tasks_.spawn_lasting([this, woken] { return watch_sleep(executor_, woken); }, "sleep watch");
}

/// Now, and at each SIGHUP: from `systemctl reload`, or from a terminal that closes, which does no
/// harm.
awaitable<void> Surroundings::read_configuration() {
    for (;;) {
        const auto reloaded = co_await configuration_.reload();
        if (!reloaded)
            agent::log::error("the configuration is not used: {}", reloaded.error().message);
        else
            agent::log::info(
                "configuration file={} clusters={} proxies: {} added, {} changed, {} removed",
                reloaded->file, reloaded->clusters, reloaded->proxies.added.size(),
                reloaded->proxies.changed.size(), reloaded->proxies.removed.size());
        const auto [ec, number] = co_await hangup_.async_wait(agent::async::token);
        if (ec) co_return;
    }
}

awaitable<void> Surroundings::watch_network() {
    auto watch = agent::net::NetworkWatch::open(executor_);
    if (!watch) {
        agent::log::warning("changes of the network go unnoticed: {}", watch.error().message);
        co_return;
    }
    for (;;) {
        const auto change = co_await watch->next();
        if (!change.any()) co_return;
        if (change.gained)
            agent_.check_connections("the network changed");
        else
            agent_.network_lost();
    }
}

awaitable<void> Surroundings::watch_clock() {
    agent::net::ClockWatch watch(executor_);
    agent::net::ClockChange change;
    for (;;) {
        const bool changed = co_await watch.next(change);
        if (!changed) co_return;
        if (change.slept > 1s) agent_.check_connections("the machine slept");
        // A clock that was set needs nothing here: whatever expires waits with wall_timer, which
        // looks again by itself.
    }
}

} // namespace agentd
