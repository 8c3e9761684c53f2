#include "proxy/acceptor.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "proxy/file_limit.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace agent::proxy {
namespace {

using namespace std::chrono_literals;

constexpr int refused_in_a_turn = 8;

/// One line a minute, whoever causes them.
class Complaint {
  public:
    bool due() {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return false;
        next_ = now + 1min;
        return true;
    }

  private:
    std::chrono::steady_clock::time_point next_;
};

/// A reset, so that many who are refused leave no socket behind that waits for its end.
void turn_away(UniqueFd client) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// 0: one was admitted, or a turn's worth refused; else errno.
template <class Acceptor> int take_waiting(Acceptor& acceptor, ClientSink& sink) {
    using Protocol = typename Acceptor::protocol_type;
    for (int refused = 0; refused < refused_in_a_turn; ++refused) {
        typename Protocol::endpoint peer;
        auto size = static_cast<socklen_t>(peer.capacity());
        UniqueFd accepted(
            ::accept4(acceptor.native_handle(), peer.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!accepted && (errno == ECONNABORTED || errno == EINTR))
            continue; // that client left while queued
        if (!accepted) return errno;
        peer.resize(size);
        if (!sink.admits(accepted.get(), peer)) {
            turn_away(std::move(accepted));
            continue;
        }
        boost::system::error_code problem;
        typename Protocol::socket client(acceptor.get_executor());
        client.assign(peer.protocol(), accepted.get(), problem);
        if (problem) return problem.value();
        accepted.release();
        sink.take(std::move(client));
        return 0;
    }
    return 0;
}

template <class Acceptor> awaitable<void> accept_from(Acceptor& acceptor, ClientSink& sink) {
    constexpr std::chrono::milliseconds shortest{10};
    auto pause = shortest;
    Complaint no_room;
    Complaint no_client;
    acceptor.native_non_blocking(true);
    while (acceptor.is_open()) {
        if (sink.full() && no_room.due())
            log::warning("no room for more clients (open files: at most {}); the next ones wait "
                         "until one ends",
                         file_limit());
        while (sink.full()) co_await sink.room().wait();
        if (!acceptor.is_open()) co_return;
        const int problem = take_waiting(acceptor, sink);
        if (problem == 0) {
            pause = shortest;
            co_await boost::asio::post(acceptor.get_executor(), boost::asio::use_awaitable);
        } else if (problem == EAGAIN) {
            const auto [ec] = co_await acceptor.async_wait(Acceptor::wait_read, async::token);
            if (ec) co_return; // closed
        } else {
            if (no_client.due())
                log::warning("cannot accept clients for now: {}",
                             std::generic_category().message(problem));
            co_await async::sleep_for(pause);
            pause = std::min<std::chrono::milliseconds>(pause * 2, 1s);
        }
    }
}

} // namespace

awaitable<void> accept_clients(boost::asio::ip::tcp::acceptor& acceptor, ClientSink& sink) {
    co_await accept_from(acceptor, sink);
}

awaitable<void> accept_clients(boost::asio::local::stream_protocol::acceptor& acceptor,
                               ClientSink& sink) {
    co_await accept_from(acceptor, sink);
}

} // namespace agent::proxy
