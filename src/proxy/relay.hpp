#pragma once
// Relay: the two pumps of one connection, between a local socket (TCP or Unix) and a
// WebSocketStream. agent-proxy calls it with its client, the dev worker with its endpoint.
//
// Boundary has no half-close: whatever ends the WebSocket ends the other side's connection, with
// the answer in flight. So a pump does not return at its own EOF but when the whole connection is
// over, and then the other one is cancelled:
// - the local side has sent all (EOF): nothing is said to the worker; its answer is delivered for
// as long as somebody
//   holds the local socket. (The dev worker ends there instead: its client must learn that the
//   endpoint has closed.)
// - the worker ends: the local side gets all of it and an EOF; what it still sends is dropped for a
// short while,
//   because closing a socket with unread input would take back what was delivered.
// - either side breaks: the connection is over at once.
// Back-pressure: a pump reads on only after what it has is with the kernel, and holds no buffer
// while it waits for bytes. README.md says what that bounds.

#include "async/event.hpp"
#include "async/let_others.hpp"
#include "async/with_timeout.hpp"
#include "proxy/local_bytes.hpp"
#include "proxy/local_peer.hpp"
#include "proxy/websocket_stream.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace agent::proxy {

enum class LocalEof : std::uint8_t { swallow, end };

struct RelayPolicy {
    LocalEof local_eof = LocalEof::swallow;
    std::chrono::milliseconds farewell{
        2'000}; ///< after the worker's end, for the local side to end too
    std::chrono::milliseconds linger{10 *
                                     60'000}; ///< after the local EOF with nothing delivered, where
                                              ///< nobody can say whether the peer still lives
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

    /// Until the whole connection is over: end() says how. Both sides are still open afterwards,
    /// for the caller's last words.
    awaitable<void> run() {
        // Not `pump_up() || pump_down()`: that costs every idle connection 1.5 KiB more. This
        // coroutine is one of the pumps, the other is its child, and whichever ends first ends the
        // other.
        up_runs_ = true;
        auto up_has_ended = [this](std::exception_ptr problem) { up_ended(std::move(problem)); };
        boost::asio::co_spawn(
            local_.get_executor(), pump_up(),
            boost::asio::bind_cancellation_slot(stop_up_.slot(), std::move(up_has_ended)));
        std::exception_ptr problem;
        try {
            co_await pump_down();
        } catch (...) { // cancelled, most likely: pump_up refers to us and ends first
            problem = std::current_exception();
        }
        over_ = true;
        if (up_runs_) {
            const auto state = co_await boost::asio::this_coro::cancellation_state;
            const bool cancelled = state.cancelled() != boost::asio::cancellation_type::none;
            co_await boost::asio::this_coro::reset_cancellation_state(
                boost::asio::disable_cancellation());
            co_await end_up();
            co_await boost::asio::this_coro::reset_cancellation_state();
            if (cancelled && !problem)
                problem = std::make_exception_ptr(
                    boost::system::system_error(boost::asio::error::operation_aborted));
        }
        if (!problem) problem = up_problem_;
        if (problem) std::rethrow_exception(problem);
    }
    const RelayEnd& end() const { return end_; }

  private:
    awaitable<void> end_up() {
        async::Event ended(local_.get_executor());
        when_up_ended_ = &ended;
        stop_up_.emit(boost::asio::cancellation_type::terminal);
        while (up_runs_) co_await ended.wait();
        when_up_ended_ = nullptr;
    }

    void up_ended(std::exception_ptr problem) {
        up_runs_ = false;
        if (when_up_ended_ != nullptr) { // pump_down is over already, and that is why
            when_up_ended_->notify_all();
            return;
        }
        up_problem_ = std::move(problem);
        over_ = true;
        boost::system::error_code ignored; // whatever pump_down waits for
        local_.cancel(ignored);
        if (remote_.tls().socket().is_open()) remote_.tls().socket().cancel(ignored);
        if (farewell_ != nullptr) farewell_->notify_all();
    }

    awaitable<void> pump_up() {
        for (;;) {
            const auto space = remote_.write_space();
            const auto got = receive_now(local_.native_handle(), space);
            if (got.count > 0 && !remote_ended_) { // else dropped: nobody is there to take it
                counts_.up += got.count;
                const auto put = remote_.put(got.count);
                if (!put) co_return ends(EndedBy::remote_error, put.error());
                // One send for several frames while there is more; what came alone leaves at once.
                if (got.count == space.size() && remote_.tls().waiting() < gather_bytes) continue;
            }
            remote_.release_write_space();
            if (!remote_ended_) {
                const auto sent = co_await remote_.flush();
                if (!sent && !remote_ended_) co_return ends(EndedBy::remote_error, sent.error());
            }
            if (got.error == boost::asio::error::eof) co_return co_await local_has_sent_all();
            if (got.error) co_return ends(EndedBy::local_error, got.error);
            if (got.would_block) {
                const auto [ec] = co_await local_.async_wait(Local::wait_read, async::token);
                if (ec) co_return ends(EndedBy::local_error, ec);
            }
            if (is_long(up_streak_, got.count + call_bytes)) {
                up_streak_ = 0;
                co_await async::let_others();
            }
        }
    }

    awaitable<void> local_has_sent_all() {
        if (remote_ended_) co_return;
        if (policy_.local_eof == LocalEof::swallow) {
            local_ended_ = true;
            co_await outlast_local();
        }
        ends(EndedBy::local);
    }

    awaitable<void> pump_down() {
        while (!over_) {
            const auto piece = remote_.read_now();
            if (!piece) co_return ends(EndedBy::remote_error, piece.error());
            if (!*piece) {
                const auto ready = co_await remote_.tls().wait_readable();
                if (!ready) co_return ends(EndedBy::remote_error, remote_.told(ready.error()));
                continue;
            }
            if ((*piece)->empty()) {
                ends(EndedBy::remote);
                co_return co_await say_goodbye();
            }
            const auto ec = co_await deliver(**piece);
            if (ec) co_return ends(EndedBy::local_error, ec);
        }
    }

    // The payloads of frames that came together leave together.
    awaitable<boost::system::error_code> deliver(std::span<std::byte> piece) {
        std::array<iovec, 16> parts;
        std::size_t count = 0;
        for (auto next = std::optional(piece); next;) {
            parts[count++] = {next->data(), next->size()};
            next.reset();
            if (count < parts.size()) next = remote_.read_received();
        }
        co_return co_await send_local(std::span(parts).first(count));
    }

    awaitable<boost::system::error_code> send_local(std::span<iovec> parts) {
        while (!parts.empty()) {
            const auto sent = send_now(local_.native_handle(), parts);
            if (sent.error) co_return sent.error;
            counts_.down += sent.count;
            auto count = sent.count;
            while (!parts.empty() && count >= parts.front().iov_len) {
                count -= parts.front().iov_len;
                parts = parts.subspan(1);
            }
            if (parts.empty()) break;
            parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + count;
            parts.front().iov_len -= count;
            const auto [ec] = co_await local_.async_wait(Local::wait_write, async::token);
            if (ec) co_return ec;
            if (over_)
                co_return boost::asio::error::make_error_code(
                    boost::asio::error::operation_aborted);
        }
        co_return boost::system::error_code();
    }

    // A client whose socket is always ready would keep every other connection of the process
    // waiting. (The other way the stream's turns see to that.)
    static bool is_long(std::size_t& streak, std::size_t bytes) {
        streak += bytes;
        return streak >= streak_bytes;
    }

    awaitable<void> say_goodbye() {
        remote_ended_ = true;
        boost::system::error_code ec;
        local_.shutdown(Local::shutdown_send, ec);
        if (local_ended_ || !up_runs_) co_return;
        async::Event met(local_.get_executor()); // until pump_up meets the local EOF
        farewell_ = &met;
        (void)co_await async::with_timeout(met.wait(), policy_.farewell);
        farewell_ = nullptr;
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

    static constexpr std::size_t gather_bytes =
        64 * 1024; ///< encrypted bytes of one send, while there are more
    static constexpr std::size_t streak_bytes = 1024 * 1024;
    static constexpr std::size_t call_bytes =
        4 * 1024; ///< what a call costs, in bytes: a client may send one by one

    Local& local_;
    WebSocketStream& remote_;
    RelayPolicy policy_;
    ByteCounts& counts_;
    RelayEnd end_;
    boost::asio::cancellation_signal stop_up_;
    std::exception_ptr up_problem_;
    async::Event* when_up_ended_ = nullptr;
    async::Event* farewell_ = nullptr;
    bool up_runs_ = false;
    bool over_ = false;
    bool local_ended_ = false;
    bool remote_ended_ = false;
    std::size_t up_streak_ = 0; ///< bytes since the others had their turn
};

} // namespace agent::proxy
