#include "agentd/daemon.hpp"

#include "agent/agent.hpp"
#include "agentd/commands/agent_commands.hpp"
#include "agentd/configuration.hpp"
#include "agentd/instance_lock.hpp"
#include "agentd/launcher/detached_launcher.hpp"
#include "agentd/launcher/systemd_launcher.hpp"
#include "agentd/listener_store.hpp"
#include "agentd/notifications/notifications.hpp"
#include "agentd/notify.hpp"
#include "agentd/open_logins.hpp"
#include "agentd/proxy_ties.hpp"
#include "agentd/surroundings.hpp"
#include "base/find_program.hpp"
#include "base/log.hpp"
#include "base/unix_socket.hpp"
#include "config/agent_config.hpp"
#include "config/xdg.hpp"
#include "ipc/dbus/agent1.hpp"
#include "ipc/dbus/connection.hpp"
#include "ipc/socket/interface_text.hpp"
#include "ipc/socket/server.hpp"
#include "state/state_store.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace agentd {

using agent::ErrorException;
using namespace std::chrono_literals;

namespace {

constexpr auto drain_limit = 5s;

struct ListeningSocket {
    agent::UniqueFd socket;
    bool ours = true; ///< so is its file; a service manager's stays for the next agentd
};

/// The socket that the service manager listens on already, else our own.
ListeningSocket listening_socket(agent::UniqueFd given, const std::string& path) {
    ListeningSocket listening;
    if (given) {
        listening.socket = std::move(given);
        listening.ours = false;
        return listening;
    }
    auto socket = agent::listen_unix(path, agent::Present::is_ours);
    if (!socket) throw ErrorException(socket.error());
    listening.socket = std::move(*socket);
    return listening;
}

/// Where agent-proxies log: nowhere is no reason not to run.
std::string proxy_log() {
    const auto folder = agent::config::state_directory();
    if (folder) return *folder + "/agent-proxy.log";
    agent::log::warning("{}: agent-proxies log to agentd's own output", folder.error().message);
    return {};
}

/// Without a folder for it the store gets a path that cannot be opened: it works in memory, and
/// says so.
std::string state_database() {
    const auto folder = agent::config::state_directory();
    return (folder ? *folder : std::string("/nonexistent")) + "/state.db";
}

/// A config.toml that cannot be used declares nothing, and stops nothing.
agent::config::AgentConfig declared() {
    const auto path = agent::config::config_file();
    if (!path) return {};
    auto config = agent::config::load_agent_config_if_there(*path);
    if (config) return std::move(*config);
    agent::log::error("{}; nothing of it is used", config.error().message);
    return {};
}

/// AGENTD_PING_MS is for tests: the period, and a quarter of the time for an answer.
agent::core::PingPace ping_pace() {
    agent::core::PingPace pace;
    const char* text = std::getenv("AGENTD_PING_MS");
    if (text == nullptr) return pace;
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text, text + std::strlen(text), number);
    if (problem != std::errc() || *end != '\0' || number <= 0 || number > pace.period.count())
        return pace;
    pace.period = std::chrono::milliseconds(number);
    pace.answer = std::min(pace.answer, 4 * pace.period);
    return pace;
}

/// As config.toml says at this moment.
bool notifications_enabled() {
    const auto path = agent::config::config_file();
    if (!path) return true;
    const auto config = agent::config::load_agent_config_if_there(*path);
    return !config || config->notifications.enabled;
}

} // namespace

agent::awaitable<void> run_daemon() {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto paths = agent::config::runtime_paths();
    if (!paths) throw ErrorException(paths.error());
    const auto lock = lock_instance(paths->lock);
    if (!lock) throw ErrorException(lock.error());

    // Build, from what is owned to its owners.
    boost::asio::signal_set signals(executor, SIGTERM, SIGINT);
    const auto config = declared();
    const auto logins = open_logins(executor);
    logins->declare(config.keyring.type);
    DetachedLauncher detached_launcher(executor, paths->proxies, proxy_log());
    SystemdLauncher launcher(executor, paths->proxies, detached_launcher);
    agent::state::StateStore store(state_database());
    agent::core::Clusters clusters(store);
    clusters.declare(config.clusters);
    auto given = take_given_sockets();
    ServiceManagerStore listener_store(std::move(given.proxies));
    agent::core::Agent agent(executor, *logins, clusters, launcher, listener_store, store,
                             ping_pace());
    Configuration configuration(executor, agent);
    Surroundings surroundings(executor, agent, configuration);
    AgentCommands commands(agent, configuration, paths->agent_socket);
    ProxyTies ties(executor, commands);
    commands.tie_with(ties);
    ipc::Router router("agentd");
    router.add("org.agentd.Agent", ipc::agent_interface, commands);
    ipc::Server server(executor, router);
    ipc::dbus::Agent1 bus_face(executor, commands);
    ipc::dbus::Connection session_bus(executor, "org.agentd.Agent1");
    session_bus.add(bus_face);
    Notifications::Options telling;
    telling.enabled = notifications_enabled;
    telling.agentctl = agent::find_own_program("agentctl").value_or("agentctl");
    Notifications notifications(executor, commands, std::move(telling));
    session_bus.add(notifications);

    // Run: what is alive already first, so that the first caller sees it.
    auto listening = listening_socket(std::move(given.agent), paths->agent_socket);
    logins->start();
    co_await agent.adopt();
    server.start(std::move(listening.socket));
    agent::log::info("ready socket={} version={} keyring={}", paths->agent_socket, AGENT_VERSION,
                     logins->in_use());
    bus_face.start();
    notifications.start();
    session_bus.start();
    surroundings.start();
    notify_ready();
    const auto [ec, number] = co_await signals.async_wait(agent::async::token);
    agent::log::info("stopping signal={}", number);

    // 1. Stop accepting clients: the name on the bus first. Whoever waits in the queue of the
    // service manager's socket is the next agentd's; our own socket ends with us, so it is answered
    // by us.
    notify_stopping();
    session_bus.release_name();
    if (listening.ours) {
        ::unlink(paths->agent_socket.c_str());
        server.accept_waiting();
    }
    server.stop_accepting();
    // 2. Let running calls finish; streams end.
    const bool drained = co_await server.drain(drain_limit);
    const bool bus_drained = co_await bus_face.drain(drain_limit);
    if (!drained || !bus_drained)
        agent::log::warning("calls were still running after {} s", drain_limit.count());
    // 3. Cancel what is left: calls that wait for a controller fail.
    agent.controllers().leave();
    co_await server.stop();
    co_await bus_face.stop();
    co_await notifications.stop();
    co_await ties.stop();
    co_await session_bus.stop();
    // 4. Let go of the proxies: they live on and are adopted by the next agentd.
    co_await surroundings.stop();
    co_await agent.stop();
    co_await logins->stop();
    co_await detached_launcher.stop();
    // 5. The lock goes with the process.
}

} // namespace agentd
