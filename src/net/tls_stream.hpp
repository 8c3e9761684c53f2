#pragma once
// TlsStream: TLS over a connected TCP socket, for agent-proxy (client) and the dev worker (server).
// OpenSSL works on the non-blocking socket itself; Asio only says when the socket is ready. Reads
// take up to 64 KiB per recv (read-ahead), and everything put() since the last flush leaves in one
// send: system calls cost more here than AES. At rest it holds OpenSSL's state and no buffer.
//
// One coroutine may read while another writes; SSL_* calls never suspend, so they never overlap.
// put() is synchronous and whole: what one coroutine puts cannot be torn apart by another's.
// Whoever puts, flushes before putting more, which is what bounds the buffer.
//
// A peer may send without pause. Therefore reading goes by turns: after so many records or bytes
// nothing more is taken until the reader has come through wait_readable(), which lets everybody
// else on the loop go first. And what TLS allows a peer to send beside data (key updates, tickets)
// has a limit, above which the peer is given up.

#include "async/token.hpp"
#include "base/result.hpp"
#include "net/allowance.hpp"
#include "net/block_pool.hpp"
#include "net/openssl.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace agent::net {

class TlsStream {
  public:
    enum class Role { client, server };

    /// `peer` and `hop` name the other side in errors. `context` may be freed afterwards.
    TlsStream(boost::asio::ip::tcp::socket socket, SSL_CTX* context, Role role, std::string peer,
              Hop hop);
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    /// For SNI and the like, before handshake().
    SSL* ssl() { return ssl_.get(); }
    boost::asio::ip::tcp::socket& socket() { return socket_; }
    const std::string& peer() const { return peer_; }

    /// No limit of its own: wrap it in with_timeout.
    awaitable<Status> handshake();

    /// What there is, at most `out`; waits for the first byte. 0: the peer has ended (close_notify,
    /// or a bare FIN).
    awaitable<Result<std::size_t>> read_some(std::span<std::byte> out);
    /// The same without waiting; nullopt: nothing has come, or the turn is over. For callers that
    /// hold no buffer while they wait_readable().
    Result<std::optional<std::size_t>> try_read(std::span<std::byte> out);
    /// Begins a new turn: when something has come, or, where the last one was over, after the
    /// others'.
    awaitable<Status> wait_readable();
    /// For who has had enough of what came, for now: the next try_read() has nothing, and
    /// wait_readable() waits for nobody but the others.
    void end_turn() { turn_.records = 0; }

    /// Encrypts all of `bytes` behind what waits already. Sends nothing.
    Status put(std::span<const std::byte> bytes);
    /// Sends what waits; returns when the kernel has all of it.
    awaitable<Status> flush();
    /// The part of flush() that needs no waiting; nothing while another coroutine is at it.
    void send_waiting() {
        if (flushing_ == 0) (void)send_some(); // a failure is met again by the next read or write
    }
    /// put() and flush() in steps of at most 128 KiB, for bytes that need not stay together.
    awaitable<Status> write(std::span<const std::byte> bytes);
    /// Bytes that wait for flush().
    std::size_t waiting() const { return out_.waiting; }

    /// close_notify and FIN, within `limit`; the caller cannot be cancelled from then on. Does not
    /// wait for the peer's answer; reading goes on.
    awaitable<void> shutdown(std::chrono::steady_clock::duration limit);
    /// At once; whoever waits on the stream comes back with an error. An unread or unsent rest
    /// makes it a reset.
    void close();
    bool is_open() const { return socket_.is_open(); }

    /// The TLS alert that ended the stream: 80 from a worker means that it does not know the
    /// session.
    std::optional<int> alert() const { return alert_; }
    /// It was given up because it sent too much of what is no data.
    bool flooded() const { return flooded_; }

  private:
    awaitable<boost::system::error_code> wait(boost::asio::ip::tcp::socket::wait_type what);
    awaitable<boost::system::error_code> wait_for_either();
    Status send_some();
    void sent(std::size_t count);
    Error failed(const char* doing);
    Error lost(const char* doing, int number) const;
    Error unusable(const char* doing) const;
    Error too_much() const;

    boost::asio::ip::tcp::socket socket_;
    Owned<SSL, SSL_free> ssl_;
    std::string peer_;
    Hop hop_;
    /// Encrypted and unsent, in order; appended to by OpenSSL through a BIO.
    struct Piece {
        Block block;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    struct Outbox {
        std::vector<Piece> pieces;
        std::size_t waiting = 0;
        void append(std::span<const std::byte> bytes);
    };
    static int take_record(BIO* bio, const char* bytes, int size);
    static const BIO_METHOD* outbox_method();
    Outbox out_;
    /// What may still be taken from the socket before the others have theirs. OpenSSL reads through
    /// a BIO that keeps to it, because there are messages that it reads on and on without coming
    /// back.
    struct Turn {
        int records; ///< as OpenSSL meets them; below 0 where it was in the middle of a long read
        std::size_t bytes;
        bool over() const { return records <= 0 || bytes == 0; }
    };
    static constexpr Turn whole_turn{256, 1024 * 1024};
    Turn turn_ = whole_turn;
    bool dry_ = false;    ///< the socket had nothing more
    bool at_end_ = false; ///< the peer's FIN was met
    static int receive(BIO* bio, char* into, int size);
    static long answer_about_input(BIO* bio, int command, long number, void* pointer);
    static const BIO_METHOD* input_method();
    static void watch(int written, int version, int type, const void* bytes, std::size_t size,
                      SSL* ssl, void* self);
    Allowance<32, 1> late_messages_; ///< key updates and session tickets
    bool shaken_ = false;            ///< the handshake is done
    bool flooded_ = false;
    int flushing_ = 0; ///< coroutines in flush()
    bool write_ended_ = false;
    bool broken_ = false;          ///< after a fatal error OpenSSL forbids further calls
    bool ended_ = false;           ///< the peer has
    std::unique_ptr<Error> fatal_; ///< what a read broke by, told by every later one
    std::optional<int> alert_;
};

} // namespace agent::net
