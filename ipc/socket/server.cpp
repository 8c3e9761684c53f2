#include "ipc/socket/server.hpp"

#include "async/event.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/scope_exit.hpp"
#include "ipc/socket/client_connection.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <sys/socket.h>

namespace ipc {

namespace asio = boost::asio;
using agent::Errc;
using agent::Hop;

namespace {
constexpr std::size_t max_spared_clients = 4;
constexpr std::chrono::milliseconds accept_again{200};
} // namespace

Server::Server(asio::any_io_executor executor, Router& router, ServerLimits limits)
    : executor_(executor), router_(router), limits_(limits), acceptor_(executor), tasks_(executor) {
}

Server::~Server() = default;

void Server::start(agent::UniqueFd listening) {
    acceptor_.assign(asio::local::stream_protocol(), listening.release());
    tasks_.spawn_lasting([this] { return accept_clients(); },
                         "accept"); // else nobody could say what is to end
}

// Out of files it goes on: whoever waits in the queue waits longer.
asio::awaitable<void> Server::accept_clients() {
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(agent::async::token);
        if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) co_return;
        if (!ec) {
            admit(std::move(socket), agent::SpareFiles(0));
        } else if (ec != asio::error::no_descriptors || !accept_with_spare()) {
            cannot_accept(ec.message());
            co_await agent::async::sleep_for(accept_again);
        }
    }
}

// A few clients at a time, each for as long as it stays: they come to ask, or to end something.
bool Server::accept_with_spare() {
    if (spared_ >= max_spared_clients) return false;
    agent::SpareFiles spare(1);
    boost::system::error_code ec;
    acceptor_.non_blocking(true, ec);
    Socket socket(executor_);
    if (spare.count() > 0 && !ec) acceptor_.accept(socket, ec);
    if (spare.count() == 0 || ec) return false;
    admit(std::move(socket), std::move(spare));
    return true;
}

/// Once a minute: it is tried many times a second.
void Server::cannot_accept(const std::string& why) {
    const auto now = std::chrono::steady_clock::now();
    if (now < tell_again_) return;
    tell_again_ = now + std::chrono::minutes(1);
    agent::log::warning("cannot take clients for now: {}", agent::lowered(why));
}

void Server::admit(Socket socket, agent::SpareFiles spare) {
    ucred peer{};
    socklen_t length = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 ||
        peer.uid != limits_.allowed_uid)
        agent::log::warning("refused a client of uid={} pid={}", peer.uid, peer.pid);
    else
        tasks_.spawn(serve(std::move(socket), std::move(spare)), "client");
}

asio::awaitable<void> Server::serve(Socket socket, agent::SpareFiles spare) {
    const std::size_t held = spare.count();
    spared_ += held;
    const agent::ScopeExit counted([this, held] { spared_ -= held; });
    ClientConnection connection(std::move(socket), router_, limits_);
    if (connections_.size() >= limits_.clients) {
        const auto full = agent::fail(Errc::limit_exceeded, Hop::limit,
                                      "too many clients: " + std::to_string(connections_.size()));
        (void)co_await connection.send(error_reply(full, "org.agentd.Agent"));
        co_return;
    }
    const auto place = connections_.insert(connections_.end(), &connection);
    const agent::ScopeExit listed([this, place] { connections_.erase(place); });
    if (draining_) connection.finish(); // accepted in the moment in which we stopped
    if (spare.count() > 0)
        co_await serve_briefly(connection);
    else
        co_await connection.run();
}

// One answer, and who does not ask or follows a stream without end goes first: the next one needs
// the descriptor too.
asio::awaitable<void> Server::serve_briefly(ClientConnection& connection) {
    using namespace asio::experimental::awaitable_operators;
    connection.finish();
    co_await (connection.run() || end_soon(connection));
}

asio::awaitable<void> Server::end_soon(ClientConnection& connection) {
    co_await agent::async::sleep_for(limits_.first_call);
    connection.finish();
    connection.finish_reading();
    agent::async::Event never(executor_);
    co_await never.wait();
}

void Server::accept_waiting() {
    boost::system::error_code ec;
    acceptor_.non_blocking(true, ec);
    while (!ec) {
        Socket socket(executor_);
        acceptor_.accept(socket, ec);
        if (!ec) admit(std::move(socket), agent::SpareFiles(0));
    }
}

void Server::stop_accepting() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

asio::awaitable<bool> Server::drain(std::chrono::steady_clock::duration timeout) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + timeout;
    stop_accepting();
    draining_ = true;
    for (ClientConnection* connection : connections_) connection->finish();
    const auto grace = std::min<Clock::duration>(limits_.first_call, timeout);
    const bool at_once = co_await agent::async::with_timeout(tasks_.drain(), grace);
    if (at_once) co_return true;
    for (ClientConnection* connection : connections_) connection->finish_reading();
    const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
    co_return co_await agent::async::with_timeout(tasks_.drain(), left);
}

asio::awaitable<void> Server::stop() {
    stop_accepting();
    draining_ = true;
    for (ClientConnection* connection : connections_) connection->cut();
    co_await tasks_.stop();
}

} // namespace ipc
