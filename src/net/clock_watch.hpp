#pragma once
// ClockWatch: notices that the machine has slept or that somebody set the clock. What is awaited
// with wall_timer takes care of itself; this is for what must be looked at then, such as
// connections that died meanwhile.

#include "async/token.hpp"
#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>

namespace agent::net {

struct ClockReading {
    std::chrono::nanoseconds wall{};  ///< since 1970
    std::chrono::nanoseconds boot{};  ///< also runs while the machine sleeps
    std::chrono::nanoseconds awake{}; ///< does not
};
ClockReading read_clocks();

struct ClockChange {
    std::chrono::nanoseconds slept{}; ///< how long the machine stood still
    std::chrono::nanoseconds moved{}; ///< by how much the wall clock was set, forward or back
};
ClockChange compare(const ClockReading& before, const ClockReading& after);

class ClockWatch {
  public:
    /// Throws where there is no timerfd.
    explicit ClockWatch(boost::asio::any_io_executor executor);

    /// Returns when the clock was set or the machine woke up; false: the coroutine was cancelled.
    /// What happened stands in `change`.
    awaitable<bool> next(ClockChange& change);

  private:
    void arm();

    boost::asio::posix::stream_descriptor timer_;
    ClockReading last_;
};

} // namespace agent::net
