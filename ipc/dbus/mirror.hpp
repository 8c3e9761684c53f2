#pragma once
// Mirror: keeps the objects on the bus like the agent's proxies and clusters. Listens to Watch,
// reads ListProxies and ListClusters, and tells what differs: bounded in rate, byte counts at most
// once a second and only while a connection is open and somebody listens. Owned by Agent1.

#include "async/event.hpp"
#include "ipc/dbus/bus_loop.hpp"
#include "ipc/dbus/objects.hpp"
#include "ipc/messages/agent_commands.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace ipc::dbus {

class Mirror {
  public:
    Mirror(boost::asio::any_io_executor executor, AgentCommands& commands);

    /// The present objects.
    boost::asio::awaitable<void> attach(sd_bus* bus, BusLoop& loop);
    void detach() noexcept;

    /// Two coroutines for their owner to spawn: one takes events, one keeps the objects up to date.
    boost::asio::awaitable<void> watch_events();
    boost::asio::awaitable<void> keep_up();

    /// Whether somebody listens, as far as can be known.
    void set_listened(bool listened);
    /// The last state of a proxy, before its object goes.
    void tell_end(const Proxy& proxy);
    /// Looks again soon.
    void touch();
    /// Looks again now: what a caller just changed is on the bus when it gets its answer.
    boost::asio::awaitable<void> refresh();

    /// Each event, before its objects show what it made.
    std::function<void(const Event& event)> on_event;

  private:
    using Clock = std::chrono::steady_clock;
    void take(Event event);
    boost::asio::awaitable<void> pause();
    boost::asio::awaitable<void> read_clusters();
    bool counts_due() const;
    void show_proxies(std::vector<Proxy> proxies);

    AgentCommands& commands_;
    sd_bus* bus_ = nullptr;
    BusLoop* loop_ = nullptr;
    std::map<std::string, std::unique_ptr<Exported<Proxy>>> proxies_;
    std::map<std::string, std::unique_ptr<Exported<KnownCluster>>> clusters_;
    bool dirty_ = false;
    bool clusters_changed_ = false;
    bool listened_ = false;
    bool counting_ = false;     ///< a connection is open
    bool kept_back_ = false;    ///< counts have changed and were not told
    Clock::time_point counted_; ///< when counts were told last
    agent::async::Event changed_;
};

} // namespace ipc::dbus
