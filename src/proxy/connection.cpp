#include "proxy/connection.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/scope_exit.hpp"
#include "boundary/close_reason.hpp"
#include "proxy/local_peer.hpp"

#include <array>
#include <span>

namespace agent::proxy {
namespace {

using boost::asio::ip::tcp;
using boundary::CloseMeaning;
using namespace std::chrono_literals;
using unix_socket = boost::asio::local::stream_protocol::socket;

constexpr int max_sessions = 3; // that one client's opening may go through

// What the end means: an error for the user, or nothing worth telling.
std::optional<Error> failure_in(const RelayEnd& end, const OpenConnection& connection,
                                const std::string& endpoint) {
    if (const auto& gone = connection.worker.stream->given_up()) return *gone;
    if (end.by == EndedBy::remote_error) return end.error;
    if (end.by != EndedBy::remote) return std::nullopt;
    const auto verdict = boundary::weigh_close(*connection.worker.stream->peer_close(),
                                               boundary::HandshakePhase::after_result,
                                               connection.worker.address, endpoint);
    if (verdict.meaning == CloseMeaning::normal_end) return std::nullopt;
    return verdict.error;
}

// A broken stream must not look like a finished one. Asio's destructor forgets the option, so it is
// closed here.
void reset(tcp::socket& client) {
    boost::system::error_code ec;
    client.set_option(boost::asio::socket_base::linger(true, 0), ec);
    client.close(ec);
}
void reset(unix_socket&) {} // a Unix socket cannot say it

template <class Client> void part(Client& client, const RelayEnd& end) {
    if (end.by == EndedBy::remote_error) reset(client);
    boost::system::error_code ec;
    client.close(ec);
}

/// false: the stream has ended.
template <class Client> awaitable<bool> read_once(Client& client, std::span<std::byte> into) {
    const auto [ec, count] = co_await client.async_read_some(
        boost::asio::buffer(into.data(), into.size()), async::token);
    co_return !ec;
}

// Nothing was carried and nothing is broken: the client gets an end, not a reset, whatever it has
// sent already.
template <class Client> awaitable<void> let_go(Client& client) {
    boost::system::error_code ec;
    client.shutdown(Client::shutdown_send, ec);
    const auto deadline = std::chrono::steady_clock::now() + 1s;
    std::array<std::byte, 4096> dropped;
    while (!ec && std::chrono::steady_clock::now() < deadline) {
        const auto read = co_await async::with_timeout(read_once(client, dropped), 1s);
        if (!read || !*read) co_return;
    }
}

struct Opened {
    std::shared_ptr<Session> session;
    OpenConnection connection;
    std::size_t sent = 0; ///< of the client's bytes, behind the handshake
};

// A session that turns out to be over, or whose workers are gone, is replaced without the client's
// noticing: what it has sent so far is kept, and no target has seen it.
template <class Client>
awaitable<Status> try_to_open(Client& client, const ConnectionContext& context, Opened& opened) {
    const std::function<bool()> still_there = [&client] {
        return peer_hold(client) != PeerHold::gone;
    };
    SocketFirstBytes<Client> first(client);
    for (int sessions = 1;; ++sessions) {
        auto session = co_await context.sessions.take(still_there);
        if (!session) co_return session.error();
        auto connection = co_await (*session)->gate().open(first);
        if (connection) {
            opened.session = std::move(*session);
            opened.connection = std::move(*connection);
            opened.sent = first.bytes().size();
            co_return Status();
        }
        const bool another = context.keeper.session_failed(*session, connection.error());
        if (!another || sessions == max_sessions) co_return connection.error();
    }
}

/// false: it has been told, and the client let go.
template <class Client>
awaitable<bool> open(Client& client, const ConnectionContext& context, pid_t process,
                     Opened& opened) {
    const auto done = co_await try_to_open(client, context, opened);
    if (done) co_return true;
    const Errc code = done.error().code;
    const bool held = code == Errc::timed_out || code == Errc::limit_exceeded;
    if (code != Errc::canceled) context.ledger.failed(done.error(), process);
    if (held)
        co_await let_go(client);
    else
        reset(client);
    co_return false;
}

// An idle connection is this frame and what it waits in: what is needed only before or after lives
// in others.
template <class Client> awaitable<void> carry(Client client, const ConnectionContext& context) {
    const ClientCounter::Client counted(context.clients);
    const pid_t process = peer_process(client);

    // 3. Open: there is a session, or the client is held until there is; a worker is reached and
    // the session's
    //    handshake done, with whatever retries that takes. What the client says meanwhile follows
    //    the handshake at once.
    Opened opened;
    const bool is_open = co_await open(client, context, process, opened);
    if (!is_open) co_return;
    WebSocketStream& worker = *opened.connection.worker.stream;
    Ledger::Page page(context.ledger);
    context.keeper.session_used(*opened.session, opened.connection.result.connections_left);
    page.counts().up = opened.sent;

    // 4. Relay, until the whole connection is over.
    // One that is cut, because the proxy stops, is broken too: it has not come as far as part().
    const ScopeExit unless_parted([&client] {
        if (client.is_open()) reset(client);
    });
    const KeepAlive::Watch watch(context.keep_alive, worker);
    Relay<Client> relay(client, worker, RelayPolicy{}, page.counts());
    co_await relay.run();

    // 5. Account: the page closes itself; only a failure has to be told.
    if (const auto failure =
            failure_in(relay.end(), opened.connection, opened.session->authorization().endpoint))
        context.ledger.failed(*failure, process);

    // 6. Part: the client first, it may be waiting; then the worker, politely, because an abrupt
    // end costs the endpoint
    //    bytes that are on their way.
    part(client, relay.end());
    boundary::CloseFrame bye;
    bye.code = boundary::CloseCode::normal;
    co_await worker.close(std::move(bye), 2s);
}

} // namespace

// 1. Accept and 2. admit: acceptor.cpp.

awaitable<void> serve_connection(tcp::socket client, const ConnectionContext& context) {
    boost::system::error_code ec;
    client.set_option(tcp::no_delay(true), ec);
    return carry(std::move(client), context);
}

awaitable<void> serve_connection(unix_socket client, const ConnectionContext& context) {
    return carry(std::move(client), context);
}

} // namespace agent::proxy
