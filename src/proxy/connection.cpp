#include "proxy/connection.hpp"

#include "base/log.hpp"
#include "boundary/close_reason.hpp"

namespace agent::proxy {
namespace {

using boost::asio::ip::tcp;
using boundary::CloseMeaning;
using namespace std::chrono_literals;
using unix_socket = boost::asio::local::stream_protocol::socket;

// What the end means: an error for the user, or nothing worth telling.
std::optional<Error> failure_in(const RelayEnd& end, const OpenConnection& connection, const std::string& endpoint) {
    if (end.by == EndedBy::remote_error) return end.error;
    if (end.by != EndedBy::remote) return std::nullopt;
    const auto verdict =
        boundary::weigh_close(*connection.worker.stream->peer_close(), boundary::HandshakePhase::after_result,
                              connection.worker.address, endpoint);
    if (verdict.meaning == CloseMeaning::normal_end) return std::nullopt;
    return verdict.error;
}

// A broken stream must not look like a finished one.
void reset(tcp::socket& client) {
    boost::system::error_code ec;
    client.set_option(boost::asio::socket_base::linger(true, 0), ec);
}
void reset(unix_socket&) {} // a Unix socket cannot say it

template <class Client> awaitable<void> carry(Client client, const ConnectionContext& context) {
    // 3. Open: a worker is reached and the session's handshake done, with whatever retries that takes. Until then the
    //    client's bytes wait in its socket.
    auto opened = co_await context.gate.open();
    if (!opened) {
        context.ledger.failed(opened.error());
        reset(client);
        co_return;
    }
    Ledger::Page page(context.ledger);
    context.ledger.connections_left(opened->result.connections_left);

    // 4. Relay, until the whole connection is over.
    Relay<Client> relay(client, *opened->worker.stream, RelayPolicy{}, page.counts());
    const auto end = co_await relay.run();

    // 5. Part: the client first, it may be waiting; then the worker, politely, because an abrupt end costs the endpoint
    //    bytes that are on their way.
    const auto failure = failure_in(end, *opened, context.endpoint);
    if (end.by == EndedBy::remote_error) reset(client);
    boost::system::error_code ec;
    client.close(ec);
    boundary::CloseFrame bye;
    bye.code = boundary::CloseCode::normal;
    co_await opened->worker.stream->close(std::move(bye), 2s);

    // 6. Account: the page closes itself; only a failure has to be told.
    if (failure) context.ledger.failed(*failure);
}

} // namespace

// 1. Accept: acceptor.cpp.

awaitable<void> serve_connection(tcp::socket client, const ConnectionContext& context) {
    // 2. Admit: loopback TCP is open to every local user, we are not. A Unix socket's mode has seen to that already.
    const auto allowed = context.shared ? Status() : check_peer_owner(client);
    if (!allowed) {
        log::warning("refused client: {}", allowed.error().message);
        reset(client);
        co_return;
    }
    boost::system::error_code ec;
    client.set_option(tcp::no_delay(true), ec);
    co_await carry(std::move(client), context);
}

awaitable<void> serve_connection(unix_socket client, const ConnectionContext& context) {
    co_await carry(std::move(client), context);
}

} // namespace agent::proxy
