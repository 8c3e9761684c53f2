#include "console/http_server.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace console {
namespace {

using agent::awaitable;
using boost::asio::ip::tcp;
using std::chrono::steady_clock;

/// TCP loopback is open to every local user; this console is one user's, and nobody's over a
/// network.
bool may_use(const agent::net::Peer& peer) {
    return peer.kind == agent::net::PeerKind::own || peer.kind == agent::net::PeerKind::root;
}

} // namespace

HttpServer::HttpServer(tcp::acceptor acceptor, Gate& gate, Requests& requests, Limits limits)
    : acceptor_(std::move(acceptor)), gate_(gate), requests_(requests), limits_(limits),
      last_request_(steady_clock::now()), refusals_("the console is its user's alone"),
      tasks_(acceptor_.get_executor()) {}

awaitable<void> HttpServer::run_until_idle() {
    tasks_.spawn(accept(), "accept");
    for (;;) {
        const auto quiet = steady_clock::now() - last_request_;
        if (quiet >= limits_.idle) co_return;
        co_await agent::async::sleep_for(limits_.idle - quiet);
    }
}

awaitable<void> HttpServer::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    co_await tasks_.stop();
}

awaitable<void> HttpServer::accept() {
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(agent::async::token);
        if (ec == boost::asio::error::operation_aborted || ec == boost::asio::error::bad_descriptor)
            co_return;
        if (ec) { // out of files: others need time to end
            agent::log::warning("console accept: {}", ec.message());
            co_await agent::async::sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        const auto from = socket.remote_endpoint(ec);
        if (ec) continue; // it has left
        if (const auto peer = agent::net::accepted_peer(socket.native_handle(), from);
            !may_use(peer)) {
            if (refusals_.note(peer, from.port())) tasks_.spawn(refusals_.tell_later(), "refusals");
            boost::system::error_code ignored;
            socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
            continue; // closed unanswered
        }
        if (tasks_.size() > limits_.connections) continue;
        tasks_.spawn(serve(std::move(socket)), "console connection");
    }
}

awaitable<void> HttpServer::serve(Socket socket) {
    using Got = HttpConnection::Got;
    HttpConnection connection(std::move(socket), limits_);
    for (bool keep = true; keep;) {
        auto got = co_await connection.read_head();
        if (got == Got::nothing) co_return;
        if (got == Got::request) {
            if (auto refusal =
                    gate_.judge(connection.request())) { // before a byte of the body is waited for
                const bool next = connection.whole() && connection.request().keep_alive();
                keep = co_await connection.write(std::move(*refusal), next);
                continue;
            }
            got = co_await connection.read_body();
            if (got == Got::nothing) co_return;
            last_request_ = steady_clock::now();
        }
        auto& request = connection.request();
        if (got != Got::request) {
            auto refusal = plain_answer(request, status_of(got),
                                        "This request cannot be read, or is too large.\n");
            keep = co_await connection.write(std::move(refusal), false);
            continue;
        }
        const bool next = request.keep_alive();
        auto response = co_await requests_.answer(std::move(request));
        keep = co_await connection.write(std::move(response), next);
    }
    co_await connection.end();
}

} // namespace console
