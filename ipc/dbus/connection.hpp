#pragma once
// Connection: the agent on the session bus. Reaches it, asks for the well-known name last, gives it
// back first, and when the bus is not there or goes away tries again with growing pauses: the agent
// lives on without it. Owned by agentd's Daemon; what is offered on the bus is a BusUser.

#include "async/task_group.hpp"
#include "ipc/dbus/bus_loop.hpp"

#include <boost/asio/steady_timer.hpp>

#include <string>
#include <vector>

namespace ipc::dbus {

/// What lives on the bus while there is one. Keeps no slot and no message beyond detach().
class BusUser {
  public:
    virtual ~BusUser() = default;
    /// Add objects and matches: `bus` takes messages, though it may not have answered yet. The name
    /// is asked for after.
    virtual boost::asio::awaitable<void> attach(sd_bus* bus, BusLoop& loop) = 0;
    virtual void detach() noexcept = 0;
};

/// Where the session bus may be: $DBUS_SESSION_BUS_ADDRESS, then $XDG_RUNTIME_DIR/bus.
std::vector<std::string> session_addresses();

class Connection {
  public:
    /// `name`: the well-known name to ask for; empty: none.
    Connection(boost::asio::any_io_executor executor, std::string name);
    /// Users attach in the order of add() and detach in reverse. Before start().
    void add(BusUser& user) { users_.push_back(&user); }
    void start();
    /// Calls no longer find us by name; those that are here go on.
    void release_name();
    /// Sends what is still queued, within a limit, and leaves the bus.
    boost::asio::awaitable<void> stop();

  private:
    struct Attached;
    boost::asio::awaitable<void> stay_connected();
    boost::asio::awaitable<void> serve(std::string address);
    void ask_for_name();
    int on_name_reply(sd_bus_message* reply);
    void note_lost(const std::string& why);

    boost::asio::any_io_executor executor_;
    std::string name_;
    std::vector<BusUser*> users_;
    BusPtr bus_;
    BusLoop* loop_ = nullptr;
    SlotPtr name_request_;
    SlotPtr name_acquired_;
    bool answered_ = false;    ///< the present bus has answered us
    bool told_absent_ = false; ///< the log says already that there is none
    agent::async::TaskGroup tasks_;
};

} // namespace ipc::dbus
