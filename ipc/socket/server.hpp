#pragma once
// The Varlink server on a Unix socket: accept, check the peer's uid before a byte is read, one
// coroutine per client, calls answered in order. agentd and agent-proxy each run one. A client is a
// ClientConnection (client_connection.hpp).

#include "async/task_group.hpp"
#include "base/spare_files.hpp"
#include "base/unique_fd.hpp"
#include "ipc/socket/limits.hpp"
#include "ipc/socket/router.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <list>
#include <string>
#include <unistd.h>

namespace ipc {

struct ServerLimits {
    uid_t allowed_uid = ::geteuid();
    std::size_t clients = max_clients;
    std::chrono::milliseconds slow_reader = slow_reader_timeout;
    std::chrono::milliseconds first_call = first_call_grace;
    std::size_t descriptors = 0; ///< beside one call; what is more is closed
};

class ClientConnection;

class Server {
  public:
    Server(boost::asio::any_io_executor executor, Router& router, ServerLimits limits = {});
    ~Server();

    /// Starts accepting on a listening socket.
    void start(agent::UniqueFd listening);
    /// Takes in who waits in the socket's queue already: when nobody will go on with that socket.
    void accept_waiting();
    /// Who waits in the queue is left to whoever else has the socket.
    void stop_accepting();
    /// Ends idle clients and endless streams, and answers whoever has asked; who has just been
    /// accepted may still ask. true: all was done before `timeout`.
    boost::asio::awaitable<bool> drain(std::chrono::steady_clock::duration timeout);
    /// Ends every client and waits for it. A call that was running ends first.
    boost::asio::awaitable<void> stop();

    std::size_t clients() const { return connections_.size(); }

  private:
    using Socket = boost::asio::local::stream_protocol::socket;
    boost::asio::awaitable<void> accept_clients();
    void admit(Socket socket, agent::SpareFiles spare);
    bool accept_with_spare();
    void cannot_accept(const std::string& why);
    boost::asio::awaitable<void> serve(Socket socket, agent::SpareFiles spare);
    boost::asio::awaitable<void> serve_briefly(ClientConnection& connection);
    boost::asio::awaitable<void> end_soon(ClientConnection& connection);

    boost::asio::any_io_executor executor_;
    Router& router_;
    ServerLimits limits_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    std::list<ClientConnection*> connections_;
    bool draining_ = false;
    std::size_t spared_ = 0; ///< clients that hold a spare descriptor
    std::chrono::steady_clock::time_point tell_again_;
    agent::async::TaskGroup tasks_;
};

} // namespace ipc
