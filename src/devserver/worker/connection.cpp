#include "devserver/worker/connection.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "boundary/protocol.hpp"
#include "devserver/worker/farewell.hpp"
#include "devserver/worker/handshake_reader.hpp"
#include "devserver/worker/upgrade_request.hpp"
#include "devserver/worker/worker_tls.hpp"
#include "net/dial.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <openssl/crypto.h>

#include <array>
#include <exception>

namespace devserver {
namespace {

using agent::Hop;
using agent::boundary::CloseCode;
using agent::boundary::CloseFrame;
using agent::boundary::HandshakeCommand;
using agent::boundary::HandshakeResult;
using agent::net::TlsStream;
using agent::proxy::WebSocketStream;
using boost::asio::ip::tcp;
namespace async = agent::async;
namespace log = agent::log;

constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::chrono::microseconds early{
    500}; // what a real worker loses with the fault lose_early

bool equal_in_constant_time(const agent::Secret& a, const agent::Secret& b) {
    const auto x = a.reveal(), y = b.reveal();
    return x.size() == y.size() && CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

std::string text_of(const tcp::endpoint& endpoint) {
    agent::net::Endpoint named;
    named.host = endpoint.address().to_string();
    named.port = endpoint.port();
    return named.text();
}

tcp::endpoint peer_of(const tcp::socket& socket) {
    boost::system::error_code ec;
    return socket.remote_endpoint(ec);
}

std::unique_ptr<TlsStream> server_stream(tcp::socket socket, SSL_CTX* context) {
    auto peer = text_of(peer_of(socket));
    return std::make_unique<TlsStream>(std::move(socket), context, TlsStream::Role::server,
                                       std::move(peer), Hop::worker);
}

} // namespace

/// A spent connection: however the coroutine ends, the authority hears of it once.
struct WorkerConnection::Grant {
    Grant(WorkerConnection& owner, ConnectionGrant given)
        : connection(owner), grant(std::move(given)) {}
    ~Grant() {
        try {
            connection.authority_.close_connection(grant.connection_id, connection.up_,
                                                   connection.down_);
        } catch (const std::exception& e) {
            log::error("connection={} could not be closed in the store: {}", grant.connection_id,
                       e.what());
        }
        log::info("connection={} session={} closed up={} down={}", grant.connection_id,
                  connection.session_id_, connection.up_, connection.down_);
    }
    WorkerConnection& connection;
    ConnectionGrant grant;
};

WorkerConnection::WorkerConnection(tcp::socket socket, SSL_CTX* context,
                                   SessionAuthority& authority, const WorkerLimits& limits,
                                   FaultBox& faults)
    : authority_(authority), limits_(limits), faults_(faults), client_(peer_of(socket)),
      tls_(server_stream(std::move(socket), context)), expiry_(tls_->socket().get_executor()),
      faulty_(faults.what) {}

WorkerConnection::~WorkerConnection() = default;

awaitable<void> WorkerConnection::run() {
    const bool secured = co_await secure();
    if (!secured) co_return;
    const bool upgraded = co_await upgrade();
    if (!upgraded) co_return;

    std::string message;
    auto refusal = co_await receive_handshake(message);
    if (!refusal && !early_.empty()) ++faults_.followed;
    const bool broken = co_await broken_at_handshake();
    if (broken) co_return;
    if (!refusal && faults_.refuses())
        refusal = close_with(CloseCode::protocol_error,
                             "received header with unexpected rsv bits set: false:false:true");
    if (refusal) {
        co_await refuse_unread(std::move(*refusal));
        co_return;
    }
    websocket_ =
        std::make_unique<WebSocketStream>(std::move(tls_), agent::boundary::Role::server, early_);
    refusal = co_await admit(std::move(message));
    tcp::socket endpoint(expiry_.get_executor());
    if (!refusal && !over_) refusal = co_await reach_endpoint(endpoint);
    if (over_) {
        co_await cut();
    } else if (refusal) {
        log_refusal(*refusal);
        grant_.reset();
        co_await websocket_->close(std::move(*refusal), limits_.close);
    } else {
        co_await carry(endpoint);
    }
}

awaitable<bool> WorkerConnection::secure() {
    const auto shaken = co_await async::with_timeout(tls_->handshake(), limits_.tls);
    if (!shaken) log::info("client={} refused: no TLS within the limit", text_of(client_));
    if (shaken && !*shaken) log::info("refused: {}", shaken->error().message);
    if (!shaken || !*shaken) co_return false;
    session_id_ = session_of_peer(tls_->ssl());
    co_return true;
}

awaitable<bool> WorkerConnection::upgrade() {
    const auto head = co_await async::with_timeout(receive_head(), limits_.request_head);
    if (!head || head->empty()) co_return false;
    UpgradeAnswer answer;
    if (head->size() > max_request_head)
        answer = answer_plainly(431);
    else
        answer = answer_upgrade(*head);
    // Known when TLS was done, so only a session that ended within the last moment is missing here.
    const auto session = authority_.lookup_session(session_id_);
    if (answer.upgraded() && !session) answer = answer_plainly(500);
    if (session) expiry_.expires_at(session->expiration);
    if (faults_.what.drop_behind_get) early_.clear();
    upgraded_ = std::chrono::steady_clock::now();
    const auto bytes = std::as_bytes(std::span(answer.text));
    const auto sent = co_await async::with_timeout(tls_->write(bytes), limits_.request_head);
    if (sent && *sent && answer.upgraded()) co_return true;
    co_await end_quietly(*tls_);
    co_return false;
}

/// Up to and with the empty line; what came behind goes to early_. Empty: the client went away.
/// Longer than max_request_head: it would not end.
awaitable<std::string> WorkerConnection::receive_head() {
    std::string received;
    std::array<std::byte, read_bytes> piece;
    for (;;) {
        const auto count = co_await tls_->read_some(piece);
        if (!count || *count == 0) co_return std::string();
        received.append(reinterpret_cast<const char*>(piece.data()), *count);
        const auto length = request_head_length(received);
        if (length) {
            early_ = received.substr(*length);
            received.resize(*length);
            co_return received;
        }
        if (received.size() > max_request_head) co_return received;
    }
}

/// Waits as long as the session lives: a client may open connections ahead of need.
awaitable<std::optional<CloseFrame>> WorkerConnection::receive_handshake(std::string& message) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (read_first_message(message) || expiry_.async_wait(async::token));
    if (first.index() == 0) co_return std::move(std::get<0>(first));
    co_return close_with(CloseCode::policy_violation, "invalid handshake received");
}

awaitable<std::optional<CloseFrame>> WorkerConnection::read_first_message(std::string& message) {
    HandshakeReader reader;
    reader.feed(early_);
    early_.clear();
    bool first = true;
    std::array<std::byte, read_bytes> piece;
    while (!reader.complete() && !reader.refusal()) {
        const auto replies = reader.take_replies();
        const auto sent = co_await tls_->write(std::as_bytes(std::span(replies)));
        const auto count = co_await tls_->read_some(piece);
        if (!sent || !count || *count == 0)
            co_return close_with(CloseCode::policy_violation, "invalid handshake received");
        std::string_view received(reinterpret_cast<const char*>(piece.data()), *count);
        if (first && faults_.what.lose_early &&
            std::chrono::steady_clock::now() - upgraded_ < early) {
            log::info("session={} client={} fault: first byte lost", session_id_, text_of(client_));
            received.remove_prefix(1);
        }
        first = false;
        reader.feed(received);
    }
    const auto replies = reader.take_replies();
    const auto sent = co_await tls_->write(std::as_bytes(std::span(replies)));
    early_ = reader.rest();
    if (reader.complete() && sent) {
        message = *reader.complete();
        co_return std::nullopt;
    }
    co_return reader.refusal();
}

/// Before the first message is complete nobody knows where the next frame starts, so what follows
/// is dropped unparsed.
awaitable<void> WorkerConnection::refuse_unread(CloseFrame refusal) {
    log_refusal(refusal);
    if (over_) co_return;
    const auto bytes = encoded(refusal);
    (void)co_await async::with_timeout(tls_->write(std::as_bytes(std::span(bytes))),
                                       farewell_limit);
    co_await end_quietly(*tls_);
}

void WorkerConnection::log_refusal(const CloseFrame& refusal) const {
    log::info("session={} client={} refused: close {} {}", session_id_, text_of(client_),
              refusal.code, refusal.reason);
}

/// Everything the worker decides before it dials, in the protocol's order; spends a connection only
/// at the end.
awaitable<std::optional<CloseFrame>> WorkerConnection::admit(std::string message) {
    const auto handshake = agent::boundary::decode_client_handshake(message);
    if (!handshake)
        co_return close_with(CloseCode::invalid_payload, "failed to unmarshal protobuf");
    if (handshake->tofu_token.reveal().size() != agent::boundary::tofu_token_bytes)
        co_return close_with(CloseCode::unsupported_data, "invalid tofu token");
    if (handshake->command == HandshakeCommand::session_cancel) co_return cancel_session();

    auto session = authority_.lookup_session(session_id_);
    if (!session) co_return close_with(CloseCode::internal_error, "unable to authorize connection");
    if (!session->tofu_token.empty()) {
        if (!equal_in_constant_time(session->tofu_token, handshake->tofu_token))
            co_return close_with(CloseCode::policy_violation, "tofu token not allowed");
    } else {
        auto refusal = co_await activate(*session, handshake->tofu_token);
        if (refusal) co_return refusal;
    }

    if (faults_.what.delay.count() > 0) co_await async::sleep_for(faults_.what.delay);
    auto granted = authority_.authorize_connection(session_id_);
    if (!granted) co_return close_with(CloseCode::internal_error, "unable to authorize connection");
    HandshakeResult result;
    result.expiration = granted->expiration;
    result.connection_limit = granted->connection_limit;
    result.connections_left = granted->connections_left;
    endpoint_ = session->endpoint;
    grant_ = std::make_unique<Grant>(*this, std::move(*granted));
    const auto sent =
        co_await websocket_->write_message(agent::boundary::encode_handshake_result(result));
    if (!sent) co_return close_with(CloseCode::protocol_error, "unable to send handshake result");
    co_return std::nullopt;
}

std::optional<CloseFrame> WorkerConnection::cancel_session() {
    const auto canceled = authority_.cancel_session(session_id_);
    if (!canceled) return close_with(CloseCode::internal_error, "unable to cancel session");
    return close_with(CloseCode::normal, "session canceled");
}

awaitable<std::optional<CloseFrame>> WorkerConnection::activate(SessionRecord session,
                                                                agent::Secret token) {
    if (session.status != SessionStatus::pending)
        co_return close_with(CloseCode::internal_error, "refusing to activate session");
    if (limits_.controller_latency.count() > 0)
        co_await async::sleep_for(limits_.controller_latency);
    if (faults_.cannot_activate())
        co_return close_with(CloseCode::internal_error, "unable to activate session");
    const auto activated = authority_.activate_session(session.id, token, session.version);
    if (!activated) co_return close_with(CloseCode::internal_error, "unable to activate session");
    co_return std::nullopt;
}

/// Only after the result: that is what the protocol promises, and a failure here has cost a
/// connection.
awaitable<std::optional<CloseFrame>> WorkerConnection::reach_endpoint(tcp::socket& endpoint) {
    using namespace boost::asio::experimental::awaitable_operators;
    std::string_view address = endpoint_;
    if (address.starts_with("tcp://")) address.remove_prefix(6);
    const auto target = agent::net::parse_endpoint(address);
    if (!target) co_return close_with(CloseCode::protocol_error, "unable to parse endpoint");

    agent::net::DialErrors errors;
    errors.code = agent::Errc::endpoint_unreachable;
    errors.hop = Hop::target;
    auto dialled = co_await (agent::net::dial(*target, limits_.dial, errors) || session_over());
    if (dialled.index() == 1) co_return std::nullopt;
    auto& socket = std::get<0>(dialled);
    if (!socket) {
        log::info("connection={} {}", grant_->grant.connection_id, socket.error().message);
        co_return close_with(CloseCode::endpoint_failed, "unable to setup proxying");
    }
    endpoint = std::move(*socket);

    ConnectedAddresses addresses;
    addresses.client_address = client_.address().to_string();
    addresses.client_port = client_.port();
    addresses.endpoint_address = peer_of(endpoint).address().to_string();
    addresses.endpoint_port = peer_of(endpoint).port();
    const auto connected = authority_.connect_connection(grant_->grant.connection_id, addresses);
    if (!connected) co_return close_with(CloseCode::internal_error, "unable to establish proxy");
    log::info("connection={} session={} client={} endpoint={}", grant_->grant.connection_id,
              session_id_, text_of(client_), target->text());
    co_return std::nullopt;
}

/// What a fault does to a handshake, or to none that came. true: nothing is left to talk to.
awaitable<bool> WorkerConnection::broken_at_handshake() {
    const auto& what = faults_.what;
    const auto age = std::chrono::steady_clock::now() - upgraded_;
    if (what.stale_alert && age > *what.stale_alert) {
        co_await FaultyStream::alert(*tls_);
        co_return true;
    }
    const bool reset = (what.stale_reset && age > *what.stale_reset) || faults_.resets();
    if (reset) FaultyStream::reset(*tls_);
    co_return reset;
}

/// Returns when the session is canceled or has expired.
awaitable<void> WorkerConnection::session_over() {
    while (!over_) {
        const auto [ec] = co_await expiry_.async_wait(async::token);
        if (!ec) over_ = true;
    }
}

/// As a worker cuts: no close frame, but an orderly end of TLS.
awaitable<void> WorkerConnection::cut() {
    log::info("session={} client={} cut: the session is over", session_id_, text_of(client_));
    grant_.reset();
    co_await end_quietly(websocket_->tls());
}

void WorkerConnection::close_grant() {
    grant_.reset();
}

void WorkerConnection::session_ended() {
    if (!grant_) return;
    over_ = true;
    expiry_.cancel();
}

void WorkerConnection::stop() {
    over_ = true;
    expiry_.cancel();
    if (tls_) tls_->close();
}

void WorkerConnection::report_bytes() {
    if (grant_) authority_.report_bytes(grant_->grant.connection_id, up_, down_);
}

} // namespace devserver
