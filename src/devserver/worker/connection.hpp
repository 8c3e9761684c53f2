#pragma once
// One client's connection, from the accepted socket to the last byte, in the order the protocol
// prescribes: TLS, upgrade, handshake, admission, result, dial, carry, end. worker.cpp runs one per
// socket.

#include "boundary/handshake.hpp"
#include "boundary/websocket_frame.hpp"
#include "devserver/session_authority.hpp"
#include "devserver/worker/faults.hpp"
#include "devserver/worker/faulty_stream.hpp"
#include "net/tls_stream.hpp"
#include "proxy/websocket_stream.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/system_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace devserver {

using agent::awaitable;

struct WorkerLimits {
    std::chrono::milliseconds tls{15'000};          ///< accept to TLS done
    std::chrono::milliseconds request_head{10'000}; ///< TLS done to complete HTTP head
    std::chrono::milliseconds dial{30'000};
    std::chrono::milliseconds close{
        5'000}; ///< our CLOSE to the client's answer, reading and dropping meanwhile
    std::chrono::milliseconds poll{1'000}; ///< how often sessions are asked whether they still live
    std::chrono::milliseconds byte_report{
        3'000}; ///< how often the counts of live connections are reported
    /// Waited before activation, as a worker waits for its controller: with it, two first uses at
    /// once race as they do in the field.
    std::chrono::milliseconds controller_latency{0};
    WorkerFaults faults; ///< none, unless a test asks for them
};

class WorkerConnection {
  public:
    WorkerConnection(boost::asio::ip::tcp::socket socket, SSL_CTX* context,
                     SessionAuthority& authority, const WorkerLimits& limits, FaultBox& faults);
    WorkerConnection(const WorkerConnection&) = delete;
    WorkerConnection& operator=(const WorkerConnection&) = delete;
    ~WorkerConnection();

    /// The whole life. Ends by itself within the limits; ends early when cancelled.
    awaitable<void> run();

    /// The session was canceled: once authorized, the connection is cut. Before, its handshake will
    /// be refused.
    void session_ended();
    /// For tests: neither reads nor sends any more; nothing that comes is even acknowledged any
    /// more.
    void freeze();
    void close_idle() {
        if (tls_) tls_->close();
    }
    void cut_off();
    /// The worker stops: ends in any phase.
    void stop();
    /// Tells the authority how many bytes have passed, if the connection is authorized.
    void report_bytes();
    /// Empty before TLS is done.
    const std::string& session_id() const { return session_id_; }

  private:
    struct Grant;
    using CloseFrame = agent::boundary::CloseFrame;

    awaitable<bool> secure();
    awaitable<bool> upgrade();
    awaitable<std::string> receive_head();
    awaitable<std::optional<CloseFrame>> receive_handshake(std::string& message);
    awaitable<std::optional<CloseFrame>> read_first_message(std::string& message);
    awaitable<void> refuse_unread(CloseFrame refusal);
    void log_refusal(const CloseFrame& refusal) const;
    awaitable<std::optional<CloseFrame>> admit(std::string message);
    std::optional<CloseFrame> cancel_session();
    awaitable<std::optional<CloseFrame>> activate(SessionRecord session, agent::Secret token);
    awaitable<std::optional<CloseFrame>> reach_endpoint(boost::asio::ip::tcp::socket& endpoint);
    awaitable<void> carry(boost::asio::ip::tcp::socket& endpoint);
    awaitable<void> upstream(boost::asio::ip::tcp::socket& endpoint);
    awaitable<void> downstream(boost::asio::ip::tcp::socket& endpoint);
    awaitable<void> session_over();
    awaitable<void> cut();
    awaitable<bool> broken_at_handshake();
    awaitable<void> play_dead();
    void close_grant();
    awaitable<agent::Status> send_down(std::span<std::byte> space, std::size_t count);

    SessionAuthority& authority_;
    const WorkerLimits& limits_;
    FaultBox& faults_;
    boost::asio::ip::tcp::endpoint client_;
    std::unique_ptr<agent::net::TlsStream> tls_; ///< until the WebSocket takes it
    std::unique_ptr<agent::proxy::WebSocketStream> websocket_;
    std::string early_; ///< received behind the request head

    std::string session_id_;
    std::string endpoint_;             ///< "tcp://host:port"
    boost::asio::system_timer expiry_; ///< the session's end; cancelled when it comes early
    std::chrono::steady_clock::time_point upgraded_; ///< when the 101 was sent
    FaultyStream faulty_;
    bool dead_ = false; ///< by a fault
    bool over_ = false;
    bool frames_broken_ = false; ///< the client's frames cannot be followed any more
    std::uint64_t up_ = 0;
    std::uint64_t down_ = 0;
    std::unique_ptr<Grant>
        grant_; ///< while a connection is spent and open; last, because its end reads the counts
};

} // namespace devserver
