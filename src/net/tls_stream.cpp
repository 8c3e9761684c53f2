// Above 400 lines because reading, writing and the handshake share one SSL object and its buffers:
// which of them may wait for what is told in one place.
#include "net/tls_stream.hpp"

#include "async/let_others.hpp"
#include "async/with_timeout.hpp"
#include "base/scope_exit.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t read_ahead_bytes =
    64 * 1024 + 512; // four full records with their headers and tags
constexpr std::size_t gather_bytes = 128 * 1024;
// A key update's answer waits behind what the peer does not read: above what writers and pongs may
// leave there, no more.
constexpr std::size_t answers_bound = 512 * 1024;
// A ticket with a client's certificates in it has one or two KiB; TLS would allow 128.
constexpr std::size_t max_late_message = 16 * 1024;

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

/// "tls: internal error" for alerts, as the reference client's users know them; else OpenSSL's own
/// reason.
std::string describe(unsigned long problem, std::optional<int>& alert) {
    if (problem == 0) return "the connection was closed";
    const int reason = ERR_GET_REASON(problem);
    if (ERR_GET_LIB(problem) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET &&
        reason < SSL_AD_REASON_OFFSET + 256) {
        alert = reason - SSL_AD_REASON_OFFSET;
        return std::string("tls: ") + SSL_alert_desc_string_long(*alert);
    }
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
        return "tls: the peer's certificate is not this session's";
    if (reason == SSL_R_WRONG_VERSION_NUMBER) return "tls: what answers there does not speak TLS";
    return "tls: " + openssl_reason(problem);
}

bool is_eof(unsigned long problem) {
    return ERR_GET_LIB(problem) == ERR_LIB_SSL &&
           ERR_GET_REASON(problem) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

} // namespace

void TlsStream::Outbox::append(std::span<const std::byte> bytes) {
    waiting += bytes.size();
    while (!bytes.empty()) {
        if (pieces.empty() || pieces.back().end == Block::bytes) {
            pieces.emplace_back();
            pieces.back().block = Block::borrow();
        }
        Piece& piece = pieces.back();
        const auto count = std::min(bytes.size(), Block::bytes - piece.end);
        std::memcpy(piece.block.data() + piece.end, bytes.data(), count);
        piece.end += count;
        bytes = bytes.subspan(count);
    }
}

int TlsStream::take_record(BIO* bio, const char* bytes, int size) {
    auto& out = *static_cast<Outbox*>(BIO_get_data(bio));
    out.append(std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))));
    return size;
}

// Unlike OpenSSL's memory BIO it neither clears nor moves what it got.
const BIO_METHOD* TlsStream::outbox_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "outbox");
        if (!made) throw std::bad_alloc();
        BIO_meth_set_write(made, take_record);
        BIO_meth_set_ctrl(made, control);
        BIO_meth_set_create(made, create);
        return made;
    }();
    return method;
}

// As OpenSSL's own BIO for sockets, but by turns.
int TlsStream::receive(BIO* bio, char* into, int size) {
    auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.turn_.over()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto room = std::min(static_cast<std::size_t>(size), self.turn_.bytes);
    const ssize_t count = ::recv(self.socket_.native_handle(), into, room, 0);
    self.dry_ = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (self.dry_) BIO_set_retry_read(bio);
    self.at_end_ = count == 0;
    if (count > 0) self.turn_.bytes -= static_cast<std::size_t>(count);
    return static_cast<int>(count);
}

long TlsStream::answer_about_input(BIO* bio, int command, long, void*) {
    return command == BIO_CTRL_EOF && static_cast<TlsStream*>(BIO_get_data(bio))->at_end_ ? 1 : 0;
}

const BIO_METHOD* TlsStream::input_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "by turns");
        if (!made) throw std::bad_alloc();
        BIO_meth_set_read(made, receive);
        BIO_meth_set_ctrl(made, answer_about_input);
        BIO_meth_set_create(made, create);
        return made;
    }();
    return method;
}

// OpenSSL tells of each record and message. One message too many behind the handshake, and it is
// told that the peer has ended: then it takes no further one of those it has already.
void TlsStream::watch(int written, int, int type, const void* bytes, std::size_t size, SSL* ssl,
                      void* stream) {
    auto& self = *static_cast<TlsStream*>(stream);
    if (written != 0) return;
    if (type == SSL3_RT_HEADER) --self.turn_.records;
    if (type != SSL3_RT_HANDSHAKE || !self.shaken_) return;
    const bool may_be_answered =
        size > 0 && *static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE;
    const bool room = !may_be_answered || self.waiting() < answers_bound;
    if (room && size <= max_late_message && self.late_messages_.take()) return;
    self.flooded_ = true;
    SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

TlsStream::TlsStream(tcp::socket socket, SSL_CTX* context, Role role, std::string peer, Hop hop)
    : socket_(std::move(socket)), ssl_(SSL_new(context)), peer_(std::move(peer)), hop_(hop) {
    boost::system::error_code ec;
    socket_.native_non_blocking(true, ec);
    BIO* in = BIO_new(input_method());
    BIO* out = BIO_new(outbox_method());
    if (!ssl_ || !in || !out) throw std::bad_alloc();
    BIO_set_data(in, this);
    BIO_set_data(out, &out_);
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_read_ahead(ssl_.get(), 1);
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_clear_mode(
        ssl_.get(),
        SSL_MODE_AUTO_RETRY); // a message that is no data must not make it read on by itself
    SSL_set_msg_callback(ssl_.get(), watch);
    SSL_set_msg_callback_arg(ssl_.get(), this);
    if (role == Role::client) {
        SSL_set_connect_state(ssl_.get());
    } else {
        SSL_set_accept_state(ssl_.get());
    }
}

awaitable<boost::system::error_code> TlsStream::wait(tcp::socket::wait_type what) {
    if (!socket_.is_open())
        co_return boost::asio::error::make_error_code(boost::asio::error::operation_aborted);
    auto [ec] = co_await socket_.async_wait(what, async::token);
    co_return ec;
}

awaitable<boost::system::error_code> TlsStream::wait_for_either() {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (wait(tcp::socket::wait_read) || wait(tcp::socket::wait_write));
    if (first.index() == 0) co_return std::get<0>(first);
    co_return std::get<1>(first);
}

// A reader also sends what reading produced (a key update's answer, a pong) unless a writer is at
// it. It never waits for that alone: a peer that reads nothing until it is read from would stop
// both sides for ever.
awaitable<Status> TlsStream::wait_readable() {
    boost::system::error_code problem;
    send_waiting();
    const bool more = std::exchange(turn_, whole_turn).over();
    if (more) co_await async::let_others();
    if (!socket_.is_open()) {
        problem = boost::asio::error::make_error_code(boost::asio::error::operation_aborted);
    } else if (more) { // some of it may be in OpenSSL's buffer, where no waiting would show it
    } else if (waiting() > 0 && flushing_ == 0) {
        problem = co_await wait_for_either();
    } else { // where idle connections are: no coroutine more than needed
        const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, async::token);
        problem = ec;
    }
    if (problem) co_return lost("read from", problem.value());
    co_return Status{};
}

Error TlsStream::failed(const char* doing) {
    const int number = errno;
    broken_ = true;
    const unsigned long problem = ERR_get_error();
    ERR_clear_error();
    if (problem == 0 && number != 0) return lost(doing, number);
    // A reset is the network's word, everything else the peer's.
    const bool gone = problem == 0 || is_eof(problem) || ERR_GET_LIB(problem) == ERR_LIB_SYS;
    const std::string why =
        is_eof(problem) ? "the connection was closed" : describe(problem, alert_);
    return fail(gone ? Errc::worker_unreachable : Errc::worker_refused, hop_,
                std::string(doing) + " " + peer_ + ": " + why);
}

Error TlsStream::lost(const char* doing, int number) const {
    const Errc code = number == ECANCELED ? Errc::canceled : Errc::worker_unreachable;
    return fail_errno(code, hop_, std::string(doing) + " " + peer_, number);
}

Error TlsStream::unusable(const char* doing) const {
    return fatal_ ? *fatal_ : lost(doing, ECANCELED);
}

Error TlsStream::too_much() const {
    return fail(Errc::worker_refused, hop_,
                "read from " + peer_ +
                    ": it sends key updates or session tickets without end, and was given up",
                "A worker has no reason to: ask who runs it.");
}

awaitable<Status> TlsStream::handshake() {
    for (;;) {
        ERR_clear_error();
        errno = 0;
        dry_ = false;
        const int done = SSL_do_handshake(ssl_.get());
        const int why = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
        Error problem;
        const bool fatal =
            why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
        if (fatal) problem = failed("TLS handshake with");
        const auto sent = co_await flush(); // also the alert that tells the peer why we refuse it
        if (fatal) co_return problem;
        if (!sent) co_return sent.error();
        if (done == 1) {
            SSL_set_default_read_buffer_len(ssl_.get(), read_ahead_bytes);
            shaken_ = true;
            co_return Status{};
        }
        const bool more = std::exchange(turn_, whole_turn).over();
        if (more) {
            co_await async::let_others();
            continue;
        }
        const auto ec = co_await wait(tcp::socket::wait_read);
        if (ec) co_return lost("TLS handshake with", ec.value());
    }
}

awaitable<Result<std::size_t>> TlsStream::read_some(std::span<std::byte> out) {
    for (;;) {
        const auto count = try_read(out);
        if (!count) co_return count.error();
        if (*count) co_return **count;
        const auto ready = co_await wait_readable();
        if (!ready) co_return ready.error();
    }
}

Result<std::optional<std::size_t>> TlsStream::try_read(std::span<std::byte> out) {
    std::size_t filled = 0;
    for (;;) {
        if (broken_ || !socket_.is_open()) return unusable("read from");
        if (ended_) return std::optional<std::size_t>(0);
        if (turn_.over()) {
            if (filled > 0) break;
            return std::optional<std::size_t>();
        }
        ERR_clear_error();
        errno = 0;
        dry_ = false;
        std::size_t count = 0;
        const int done = SSL_read_ex(ssl_.get(), out.data() + filled, out.size() - filled, &count);
        if (done == 1) {
            filled += count;
            // Another record is taken along only if it was received already: no recv that would
            // find nothing.
            if (filled == out.size() || !SSL_has_pending(ssl_.get())) break;
            continue;
        }
        const int why = SSL_get_error(ssl_.get(), done);
        const bool waits = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
        if (waits && !dry_) continue; // it was a message that is no data, or the turn is over
        if (flooded_) {
            broken_ = true;
            fatal_ = std::make_unique<Error>(too_much());
            if (filled > 0) break;
            continue;
        }
        ended_ = why == SSL_ERROR_ZERO_RETURN || (why == SSL_ERROR_SSL && is_eof(ERR_peek_error()));
        if (!waits && !ended_)
            fatal_ = std::make_unique<Error>(failed("read from")); // OpenSSL says it only once
        if (filled > 0) break; // what came before is delivered first
        if (waits) return std::optional<std::size_t>();
    }
    send_waiting();
    return std::optional<std::size_t>(filled);
}

Status TlsStream::put(std::span<const std::byte> bytes) {
    if (broken_ || write_ended_ || !socket_.is_open()) return unusable("write to");
    if (bytes.empty()) return {};
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    // Into memory it cannot block, so it takes everything, in records of 16 KiB.
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count) != 1)
        return failed("write to");
    assert(count == bytes.size());
    return {};
}

// Until the kernel takes no more.
Status TlsStream::send_some() {
    while (waiting() > 0) {
        if (!socket_.is_open()) return lost("write to", ECANCELED);
        std::array<iovec, 4> parts;
        std::size_t count = 0;
        for (auto piece = out_.pieces.begin(); piece != out_.pieces.end() && count < parts.size();
             ++piece)
            parts[count++] = {piece->block.data() + piece->begin, piece->end - piece->begin};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        if (n >= 0) {
            sent(static_cast<std::size_t>(n));
            continue;
        }
        const int number = errno;
        if (number == EAGAIN || number == EWOULDBLOCK) return {};
        if (number != EINTR) return lost("write to", number);
    }
    return {};
}

void TlsStream::sent(std::size_t count) {
    out_.waiting -= count;
    auto piece = out_.pieces.begin();
    while (count > 0) {
        const auto step = std::min(count, piece->end - piece->begin);
        piece->begin += step;
        count -= step;
        if (piece->begin == piece->end) ++piece;
    }
    out_.pieces.erase(out_.pieces.begin(), piece);
}

awaitable<Status> TlsStream::flush() {
    ++flushing_;
    const ScopeExit flushing([this] { --flushing_; });
    for (;;) {
        if (auto sent = send_some(); !sent) co_return sent.error();
        if (waiting() == 0) co_return Status{};
        const auto ec = co_await wait(tcp::socket::wait_write);
        if (ec) co_return lost("write to", ec.value());
    }
}

awaitable<Status> TlsStream::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto step = bytes.first(std::min(bytes.size(), gather_bytes));
        if (auto put_in = put(step); !put_in) co_return put_in.error();
        const auto sent = co_await flush();
        if (!sent) co_return sent.error();
        bytes = bytes.subspan(step.size());
    }
    co_return Status{};
}

awaitable<void> TlsStream::shutdown(std::chrono::steady_clock::duration limit) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    if (socket_.is_open() && !broken_ && !write_ended_) {
        write_ended_ = true;
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        (void)co_await async::with_timeout(flush(), limit);
        boost::system::error_code ec;
        socket_.shutdown(tcp::socket::shutdown_send, ec);
    }
}

void TlsStream::close() {
    broken_ = true;
    boost::system::error_code ec;
    socket_.close(ec);
}

} // namespace agent::net
