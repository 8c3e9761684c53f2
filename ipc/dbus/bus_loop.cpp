#include "ipc/dbus/bus_loop.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <poll.h>

namespace ipc::dbus {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

namespace {
constexpr int messages_in_a_row = 64; // then others get their turn
}

BusLoop::BusLoop(asio::any_io_executor executor, sd_bus* bus)
    : bus_(bus), socket_(executor), timer_(executor) {
    const int own = ::fcntl(::sd_bus_get_fd(bus), F_DUPFD_CLOEXEC, 3);
    if (own >= 0) socket_.assign(own);
}

asio::awaitable<int> BusLoop::run() {
    if (!socket_.is_open()) co_return EMFILE;
    for (;;) {
        int done = 1;
        for (int i = 0; i < messages_in_a_row && done > 0; ++i)
            done = ::sd_bus_process(bus_, nullptr);
        if (done < 0) co_return -done;
        if (done > 0)
            co_await asio::post(socket_.get_executor(), asio::use_awaitable);
        else
            co_await wait_for_bus();
    }
}

asio::awaitable<void> BusLoop::wait_for_bus() {
    using namespace asio::experimental::awaitable_operators;
    const int events = ::sd_bus_get_events(bus_);
    std::uint64_t until = UINT64_MAX; // CLOCK_MONOTONIC, as steady_clock, in µs
    ::sd_bus_get_timeout(bus_, &until);
    auto due = asio::steady_timer::time_point::max();
    if (until < INT64_MAX / 1000)
        due = asio::steady_timer::time_point(std::chrono::microseconds(until));
    timer_.expires_at(due);
    try {
        if ((events & POLLOUT) != 0)
            co_await (wait_ready(Descriptor::wait_read) || wait_ready(Descriptor::wait_write) ||
                      wait_timer());
        else
            co_await (wait_ready(Descriptor::wait_read) || wait_timer());
    } catch (const asio::multiple_exceptions&) { // all were cancelled in mid-wait
    }
}

asio::awaitable<void> BusLoop::wait_ready(Descriptor::wait_type kind) {
    co_await socket_.async_wait(kind, agent::async::token);
}

asio::awaitable<void> BusLoop::wait_timer() {
    co_await timer_.async_wait(agent::async::token);
}

std::uint64_t BusLoop::unsent() const {
    std::uint64_t count = 0;
    ::sd_bus_get_n_queued_write(bus_, &count);
    return count;
}

} // namespace ipc::dbus
