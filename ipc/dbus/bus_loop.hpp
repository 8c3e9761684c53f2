#pragma once
// BusLoop: sd-bus on Asio, in one coroutine: process until idle, then wait for what sd-bus wants to
// wait for. Run by Connection. sd-bus sends from wherever it is called; what does not fit into the
// socket stays queued, and a loop that waits for readability alone would never flush it: call
// wake() after sending outside of sd_bus_process.

#include "async/token.hpp"
#include "ipc/dbus/handles.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ipc::dbus {

class BusLoop {
  public:
    /// On a started `bus`, which outlives this.
    BusLoop(boost::asio::any_io_executor executor, sd_bus* bus);
    BusLoop(const BusLoop&) = delete;
    BusLoop& operator=(const BusLoop&) = delete;

    /// Until the connection is lost: returns its errno.
    boost::asio::awaitable<int> run();
    /// Looks again at what sd-bus wants to wait for.
    void wake() { timer_.cancel(); }
    /// Messages that the bus has not taken yet.
    std::uint64_t unsent() const;

  private:
    boost::asio::awaitable<void> wait_for_bus();
    boost::asio::awaitable<void> wait_ready(boost::asio::posix::stream_descriptor::wait_type kind);
    boost::asio::awaitable<void> wait_timer();

    sd_bus* bus_;
    boost::asio::posix::stream_descriptor socket_; ///< a duplicate: sd-bus closes its own
    boost::asio::steady_timer timer_;
};

} // namespace ipc::dbus
