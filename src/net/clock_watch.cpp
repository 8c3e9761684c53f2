#include "net/clock_watch.hpp"

#include "base/unique_fd.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>

namespace agent::net {

using boost::asio::posix::stream_descriptor;

namespace {

constexpr std::time_t far_away = 4'000'000'000; // 2096: it is never to expire, only to be cancelled

std::chrono::nanoseconds now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

int make_timer() {
    const int timer = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer < 0) throw std::system_error(errno, std::system_category(), "timerfd_create");
    return timer;
}

} // namespace

ClockReading read_clocks() {
    ClockReading reading;
    reading.wall = now(CLOCK_REALTIME);
    reading.boot = now(CLOCK_BOOTTIME);
    reading.awake = now(CLOCK_MONOTONIC);
    return reading;
}

ClockChange compare(const ClockReading& before, const ClockReading& after) {
    const auto passed = after.boot - before.boot;
    ClockChange change;
    change.slept = passed - (after.awake - before.awake);
    change.moved = (after.wall - before.wall) - passed;
    return change;
}

ClockWatch::ClockWatch(boost::asio::any_io_executor executor)
    : timer_(executor, make_timer()), last_(read_clocks()) {
    arm();
}

void ClockWatch::arm() {
    itimerspec when{};
    when.it_value.tv_sec = far_away;
    if (::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                          &when, nullptr) != 0)
        throw std::system_error(errno, std::system_category(), "timerfd_settime");
}

awaitable<bool> ClockWatch::next(ClockChange& change) {
    const auto [ec] = co_await timer_.async_wait(stream_descriptor::wait_read, async::token);
    if (ec) co_return false;
    std::uint64_t expirations = 0;
    (void)!::read(timer_.native_handle(), &expirations,
                  sizeof expirations); // ECANCELED is the news
    arm();
    const auto reading = read_clocks();
    change = compare(last_, reading);
    last_ = reading;
    co_return true;
}

} // namespace agent::net
