#pragma once
// KeepAlive: pings on worker connections that are silent, so that no box on the way forgets them, and notices those
// whose worker has gone without a word. One timer for all connections of a session. connection.cpp watches each
// connection while it is relayed.
//
// A worker is given up when
// - nothing that we sent has been acknowledged by its kernel for `answer` (its machine or the way there is gone), or
// - a ping has had no answer for `answer`, where one is owed: the worker has shown that it reads (it answers no pings
//   while it dials), and no payload of ours is before it that it may be waiting to hand to a target that does not read.
// TCP_USER_TIMEOUT would also end connections whose target takes its time over reading, so here it is not used.

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
};

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

    awaitable<void> stop() { co_await tasks_.stop(); }

  private:
    using Clock = std::chrono::steady_clock;

    awaitable<void> tick();
    void look_at(Link& link, Clock::time_point now);

    KeepAliveLimits limits_;
    std::list<Link> links_;
    bool ticking_ = false;
    async::TaskGroup tasks_;
};

} // namespace agent::proxy
