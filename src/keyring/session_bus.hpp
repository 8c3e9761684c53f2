#pragma once
// A connection to the session bus for secret_service.cpp: calls with a time limit and signal
// matches as coroutines, on the one thread of agentd. The D-Bus face (ipc/dbus) has a connection of
// its own, with another life.

#include "async/event.hpp"
#include "async/token.hpp"
#include "base/owned.hpp"
#include "base/result.hpp"

#include <systemd/sd-bus.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace agent::keyring {

using BusMessage = Owned<sd_bus_message, sd_bus_message_unref>;

class SessionBus {
  public:
    using Handler = std::function<void(sd_bus_message*)>;

    explicit SessionBus(boost::asio::any_io_executor executor)
        : executor_(executor), wake_(executor) {}
    SessionBus(const SessionBus&) = delete;
    SessionBus& operator=(const SessionBus&) = delete;
    ~SessionBus() { close(); }

    /// $DBUS_SESSION_BUS_ADDRESS, else $XDG_RUNTIME_DIR/bus. false: there is none.
    bool open();
    void close();
    bool is_open() const { return bus_ != nullptr; }
    /// Moves messages until the connection is lost.
    awaitable<void> run();

    /// A call to fill with sd_bus_message_append(); only while is_open().
    BusMessage call_to(const char* destination, const std::string& path, const char* interface,
                       const char* member);
    /// The answer, or Errc::keyring_failed that begins with the call's name. Gives up after
    /// `limit`.
    awaitable<Result<BusMessage>> call(BusMessage message, std::chrono::milliseconds limit);

    struct Match {
        Handler handler;
        sd_bus_slot* slot = nullptr;
        ~Match() { ::sd_bus_slot_unref(slot); }
    };
    /// `handler` is called for each signal until the match is gone; it must not wait.
    std::unique_ptr<Match> match(const std::string& rule, Handler handler);

  private:
    struct Pending {
        explicit Pending(boost::asio::any_io_executor executor) : done(executor) {}
        async::Event done;
        BusMessage reply;
        bool finished = false;
    };
    awaitable<void> activity(bool to_write);
    awaitable<void> until(std::uint64_t monotonic_microseconds);

    boost::asio::any_io_executor executor_;
    sd_bus* bus_ = nullptr;
    std::optional<boost::asio::posix::stream_descriptor> socket_;
    async::Event wake_;
    std::set<Pending*> pending_;
};

} // namespace agent::keyring
