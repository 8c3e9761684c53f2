#pragma once
// KeepAlive: pings on worker connections that are silent, so that no box on the way forgets them,
// and notices those whose worker has gone without a word. connection.cpp watches each connection
// while it is relayed.
//
// One timer for all connections of a proxy, and whoever is half due is pinged with who is due:
// connections that were opened at different times are soon pinged together, and the process is
// woken once in a silence, not once for each.
//
// A worker is given up when
// - nothing that we sent has been acknowledged by its kernel for `answer` (its machine or the way
// there is gone), or
// - a ping has had no answer for `answer`, where one is owed: the worker has shown that it reads
// (it answers no pings
//   while it dials), no payload of ours is before it that it may be waiting to hand to a target
//   that does not read, and its answer does not wait in our own socket behind what our client does
//   not read.
// TCP_USER_TIMEOUT would also end connections whose target takes its time over reading, so here it
// is not used.

#include "async/task_group.hpp"
#include "async/token.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <list>

namespace agent::proxy {

class WebSocketStream;

struct KeepAliveLimits {
    std::chrono::milliseconds silence{30'000}; ///< then a ping; 0: no pings, and nobody is given up
    std::chrono::milliseconds answer{30'000};  ///< for the ping's answer
    std::chrono::milliseconds hurried_answer{
        20'000}; ///< after check(): TCP itself needs a while to send again
};

/// How long a connection that has been silent for so long can wait for its ping. Not positive: it
/// is pinged now, when others are, although up to half of its silence may be left: with less, two
/// groups could keep apart for ever.
constexpr std::chrono::milliseconds until_ping(std::chrono::milliseconds silent,
                                               std::chrono::milliseconds silence) {
    if (silent >= silence / 2) return std::chrono::milliseconds(0);
    return silence - silent;
}

class KeepAlive {
    struct Link;

  public:
    KeepAlive(boost::asio::any_io_executor executor, KeepAliveLimits limits);
    ~KeepAlive();

    /// Looks after `stream` for as long as it lives itself.
    class Watch {
      public:
        Watch(KeepAlive& keeper, WebSocketStream& stream);
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch();

      private:
        KeepAlive& keeper_;
        std::list<Link>::iterator link_;
    };

    /// The way may have gone: everybody is asked now, whatever `silence` says, and has only
    /// `hurried_answer`.
    void check();

    awaitable<void> stop() { co_await tasks_.stop(); }

  private:
    using Clock = std::chrono::steady_clock;

    awaitable<void> tick();
    awaitable<void> hurry();
    Clock::time_point look_at(Link& link, Clock::time_point now);

    KeepAliveLimits limits_;
    std::list<Link> links_;
    bool ticking_ = false;
    bool hurrying_ = false;
    async::TaskGroup tasks_;
};

} // namespace agent::proxy
