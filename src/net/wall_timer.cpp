#include "net/wall_timer.hpp"

#include "async/with_timeout.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include <sys/timerfd.h>

#include <cerrno>
#include <system_error>

namespace agent::net {
namespace {

constexpr std::chrono::milliseconds look_again{500};

} // namespace

awaitable<void> wait_until(WallTime time) {
    int fd = -1;
    while ((fd = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) <
           0) { // no file is left for now
        if (wall_now() >= time) co_return;
        co_await async::sleep_for(look_again);
    }
    boost::asio::posix::stream_descriptor timer(co_await boost::asio::this_coro::executor, fd);
    const auto since_epoch = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = (since_epoch - seconds).count();
    while (wall_now() < time) {
        // Also wakes when somebody sets the clock; then the time is compared again.
        if (::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr) != 0)
            throw std::system_error(errno, std::system_category(), "timerfd_settime");
        const auto [ec] = co_await timer.async_wait(
            boost::asio::posix::stream_descriptor::wait_read, async::token);
        if (ec) co_return;
        std::uint64_t expirations = 0;
        (void)!::read(fd, &expirations, sizeof expirations); // ECANCELED: the clock was set
    }
}

} // namespace agent::net
