#pragma once
// StreamConnection: a Connection over TCP, TLS or a Unix socket. Used by connection.cpp.

#include "base/secret.hpp"
#include "controller/connection.hpp"
#include "controller/response_reader.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/write.hpp>

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <chrono>

namespace agent::controller {

template <class Stream> class StreamConnection final : public Connection {
  public:
    explicit StreamConnection(Stream stream) : stream_(std::move(stream)) {}

    awaitable<Exchange> exchange(const HttpRequest& request,
                                 ResponseReader::Choose choose) override {
        Exchange outcome;
        const auto [write_error, written] =
            co_await boost::beast::http::async_write(stream_, request, async::token);
        // A peer that refuses early may have answered and closed: look for its answer whatever the
        // write said.
        ResponseReader reader(std::move(choose));
        Piece piece; // only while an answer is on its way
        while (!outcome.ec && !reader.done()) {
            const auto [ec, count] =
                co_await stream_.async_read_some(boost::asio::buffer(piece.bytes), async::token);
            outcome.ec = reader.feed(std::string_view(piece.bytes.data(), count));
            if (!outcome.ec && ec && !reader.done())
                outcome.ec = ec == boost::asio::error::eof ? reader.end() : ec;
        }
        outcome.answered = reader.started();
        if (outcome.ec && write_error && !outcome.answered) outcome.ec = write_error;
        outcome.head = reader.head();
        outcome.refused = reader.refused();
        outcome.reusable = !outcome.ec && reader.head().keep_alive && !reader.leftover();
        co_return outcome;
    }

    bool stale() override {
        if (waits_inside(stream_)) return true;
        char byte = 0;
        const auto n = ::recv(descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return n >= 0 || (errno != EAGAIN &&
                          errno != EWOULDBLOCK); // TLS records nobody asked for: a close as well
    }

    bool stuck() override {
        using namespace std::chrono_literals;
        tcp_info info{};
        socklen_t size = sizeof info;
        if (::getsockopt(descriptor(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
            return false; // a Unix socket
        const std::chrono::milliseconds since_ack(info.tcpi_last_ack_recv);
        const std::chrono::milliseconds since_sent(info.tcpi_last_data_sent);
        const std::chrono::milliseconds since_heard(info.tcpi_last_data_recv);
        int outstanding =
            0; // also what had no route: the kernel does not count it among the unacknowledged
        if (::ioctl(descriptor(), SIOCOUTQ, &outstanding) != 0) return false;
        // The answer may be what was lost: its sender waits ever longer before it sends it again.
        return (outstanding > 0 && since_ack > 1s) || (since_sent > 3s && since_heard > 3s);
    }

    void hang_up() override { ::shutdown(descriptor(), SHUT_RDWR); }

  private:
    struct Piece {
        std::string bytes = std::string(read_piece_bytes, '\0');
        Piece() = default;
        Piece(const Piece&) = delete;
        ~Piece() { wipe(bytes); } // it may have held a token
    };
    template <class Plain> static bool waits_inside(Plain&) { return false; }
    /// Records that came behind the last answer: nobody asked for them.
    template <class Plain> static bool waits_inside(boost::asio::ssl::stream<Plain>& stream) {
        SSL* const tls = stream.native_handle();
        return SSL_pending(tls) > 0 || BIO_pending(SSL_get_rbio(tls)) > 0;
    }
    int descriptor() { return boost::beast::get_lowest_layer(stream_).native_handle(); }

    Stream stream_;
};

} // namespace agent::controller
