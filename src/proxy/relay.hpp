#pragma once
// Relay: the two pumps of one connection, between a local socket (TCP or Unix) and a WebSocketStream. agent-proxy calls
// it with its client, the dev worker with its endpoint.
//
// Boundary has no half-close: whatever ends the WebSocket ends the other side's connection, with the answer in flight.
// So a pump does not return at its own EOF but when the whole connection is over, and then the other one is cancelled:
// - the local side has sent all (EOF): nothing is said to the worker; its answer is delivered for as long as somebody
//   holds the local socket. (The dev worker ends there instead: its client must learn that the endpoint has closed.)
// - the worker ends: the local side gets all of it and an EOF; what it still sends is dropped for a short while,
// because
//   closing a socket with unread input would take back what was delivered.
// - either side breaks: the connection is over at once.
// Back-pressure: each pump holds one buffer and reads the next piece only after the last one is with the kernel.

#include "async/with_timeout.hpp"
#include "proxy/local_peer.hpp"
#include "proxy/websocket_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace agent::proxy {

enum class LocalEof : std::uint8_t { swallow, end };

struct RelayPolicy {
    LocalEof local_eof = LocalEof::swallow;
    std::chrono::milliseconds farewell{2'000}; ///< after the worker's end, for the local side to end too
    std::chrono::milliseconds linger{
        10 * 60'000}; ///< after the local EOF with nothing delivered, where nobody can say whether the peer still lives
};

/// Counted as bytes are handed on; readable while the relay runs.
struct ByteCounts {
    std::uint64_t up = 0;   ///< local → worker
    std::uint64_t down = 0; ///< worker → local
};

enum class EndedBy : std::uint8_t {
    remote,       ///< the stream ended; peer_close() says how
    remote_error, ///< the stream broke: `error`
    local,        ///< the local side closed
    local_error,  ///< the local side broke
};

struct RelayEnd {
    EndedBy by = EndedBy::local;
    Error error;
};

template <class Local> class Relay {
  public:
    Relay(Local& local, WebSocketStream& remote, RelayPolicy policy, ByteCounts& counts)
        : local_(local), remote_(remote), policy_(policy), counts_(counts) {}

    /// Both sides are still open afterwards, for the caller's last words.
    awaitable<RelayEnd> run() {
        using namespace boost::asio::experimental::awaitable_operators;
        co_await (pump_up() || pump_down());
        co_return end_;
    }

  private:
    awaitable<void> pump_up() {
        for (;;) {
            const auto space = remote_.write_space();
            const auto [ec, count] =
                co_await local_.async_read_some(boost::asio::buffer(space.data(), space.size()), async::token);
            if (ec == boost::asio::error::eof) {
                if (remote_ended_) co_return;
                if (policy_.local_eof == LocalEof::swallow) {
                    local_ended_ = true;
                    co_await outlast_local();
                }
                co_return ends(EndedBy::local);
            }
            if (ec) co_return ends(EndedBy::local_error, ec);
            if (remote_ended_) continue; // dropped: nobody is there to take it
            counts_.up += count;
            const auto written = co_await remote_.write(count);
            if (!written && !remote_ended_) co_return ends(EndedBy::remote_error, written.error());
        }
    }

    awaitable<void> pump_down() {
        for (;;) {
            const auto piece = co_await remote_.read();
            if (!piece) co_return ends(EndedBy::remote_error, piece.error());
            if (piece->empty()) {
                ends(EndedBy::remote);
                co_return co_await say_goodbye();
            }
            const auto [ec, count] = co_await boost::asio::async_write(
                local_, boost::asio::buffer(piece->data(), piece->size()), async::token);
            counts_.down += count;
            if (ec) co_return ends(EndedBy::local_error, ec);
        }
    }

    awaitable<void> say_goodbye() {
        remote_ended_ = true;
        boost::system::error_code ec;
        local_.shutdown(Local::shutdown_send, ec);
        if (!local_ended_) co_await async::sleep_for(policy_.farewell); // until pump_up meets the local EOF
    }

    // Returns when nobody waits for the answer any more.
    awaitable<void> outlast_local() {
        std::chrono::milliseconds pause{200};
        auto seen = counts_.down;
        auto quiet = std::chrono::milliseconds::zero();
        for (;;) {
            const auto hold = peer_hold(local_);
            if (hold == PeerHold::gone) co_return;
            if (hold == PeerHold::unknown && quiet >= policy_.linger) co_return;
            co_await async::sleep_for(pause);
            quiet = seen == counts_.down ? quiet + pause : std::chrono::milliseconds::zero();
            seen = counts_.down;
            pause = std::min<std::chrono::milliseconds>(pause * 2, std::chrono::seconds(10));
        }
    }

    // The first word stays: what the other pump meets while it is cancelled is no cause.
    void ends(EndedBy by, const Error& error = {}) {
        if (std::exchange(over_, true)) return;
        end_.by = by;
        end_.error = error;
    }
    void ends(EndedBy by, const boost::system::error_code& ec) {
        ends(by, fail_errno(Errc::canceled, Hop::local, "local client", ec.value()));
    }

    Local& local_;
    WebSocketStream& remote_;
    RelayPolicy policy_;
    ByteCounts& counts_;
    RelayEnd end_;
    bool over_ = false;
    bool local_ended_ = false;
    bool remote_ended_ = false;
};

} // namespace agent::proxy
