#include "ipc/socket/server.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "ipc/socket/client_connection.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace ipc {

namespace asio = boost::asio;
using agent::Errc;
using agent::Hop;

agent::Result<agent::UniqueFd> listen_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return agent::fail(Errc::environment, Hop::local, "the socket's path is too long: " + path,
                           "use a shorter XDG_RUNTIME_DIR");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return agent::fail_errno(Errc::environment, Hop::local, "socket", errno);
    ::unlink(path.c_str());
    const mode_t before = ::umask(0177);
    const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int number = errno;
    ::umask(before);
    if (bound != 0) return agent::fail_errno(Errc::environment, Hop::local, "bind " + path, number);
    if (::listen(socket.get(), SOMAXCONN) != 0)
        return agent::fail_errno(Errc::environment, Hop::local, "listen on " + path, errno);
    return socket;
}

Server::Server(asio::any_io_executor executor, Router& router, ServerLimits limits)
    : executor_(executor), router_(router), limits_(limits), acceptor_(executor), tasks_(executor) {}

Server::~Server() = default;

void Server::start(agent::UniqueFd listening) {
    acceptor_.assign(asio::local::stream_protocol(), listening.release());
    tasks_.spawn(accept_clients(), "accept");
}

asio::awaitable<void> Server::accept_clients() {
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(agent::async::token);
        if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) co_return;
        if (ec) { // out of files or memory: others need time to give some back
            agent::log::warning("accept: {}", ec.message());
            co_await agent::async::sleep_for(std::chrono::milliseconds(200));
            continue;
        }
        admit(std::move(socket));
    }
}

void Server::admit(Socket socket) {
    ucred peer{};
    socklen_t length = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 ||
        peer.uid != limits_.allowed_uid)
        agent::log::warning("refused a client of uid={} pid={}", peer.uid, peer.pid);
    else
        tasks_.spawn(serve(std::move(socket)), "client");
}

asio::awaitable<void> Server::serve(Socket socket) {
    ClientConnection connection(std::move(socket), router_, limits_);
    if (connections_.size() >= limits_.clients) {
        const auto full =
            agent::fail(Errc::limit_exceeded, Hop::limit, "too many clients: " + std::to_string(connections_.size()));
        (void)co_await connection.send(error_reply(full, "org.agentd.Agent"));
        co_return;
    }
    struct Listed {
        std::list<ClientConnection*>& list;
        std::list<ClientConnection*>::iterator place;
        ~Listed() { list.erase(place); }
    };
    const Listed listed{connections_, connections_.insert(connections_.end(), &connection)};
    if (draining_) connection.finish(); // accepted in the moment in which we stopped
    co_await connection.run();
}

void Server::accept_waiting() {
    boost::system::error_code ec;
    acceptor_.non_blocking(true, ec);
    while (!ec) {
        Socket socket(executor_);
        acceptor_.accept(socket, ec);
        if (!ec) admit(std::move(socket));
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
