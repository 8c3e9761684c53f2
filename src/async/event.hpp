#pragma once
// Event: a condition coroutines can wait for. notify_all() wakes every waiter once; waiters
// re-check their predicate.
//     while (!session_) co_await changed_.wait();

#include "async/token.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace agent::async {

class Event {
  public:
    explicit Event(boost::asio::any_io_executor executor) : timer_(executor) {
        timer_.expires_at(boost::asio::steady_timer::time_point::max());
    }
    void notify_all() { timer_.cancel(); }
    /// Returns after notify_all(), or when the waiting coroutine is cancelled.
    awaitable<void> wait() { co_await timer_.async_wait(token); }

  private:
    boost::asio::steady_timer timer_;
};

} // namespace agent::async
