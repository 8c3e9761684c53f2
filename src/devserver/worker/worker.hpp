#pragma once
// Worker: the dev server's worker. Accepts clients, proves sessions, carries bytes between them and
// their endpoints. dev server's main owns one beside the controller and the store.

#include "async/task_group.hpp"
#include "devserver/session_authority.hpp"
#include "devserver/worker/connection.hpp"
#include "devserver/worker/worker_tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace devserver {

class Worker {
  public:
    /// `authority` must outlive the worker.
    Worker(boost::asio::any_io_executor executor, SessionAuthority& authority,
           WorkerLimits limits = {});

    /// Binds and begins to accept; may be called for several addresses. Port 0 takes any free one.
    Status listen(const std::string& address, std::uint16_t port);
    /// Where it listens, in the order of listen().
    std::vector<boost::asio::ip::tcp::endpoint> endpoints() const;

    /// What it does wrong; may be changed while it runs.
    WorkerFaults& faults() { return faults_.what; }
    /// Accepted so far, whatever became of them; and those that live.
    std::size_t accepted() const { return accepted_; }
    std::size_t open() const { return connections_.size(); }
    /// Handshakes with whose bytes the client's first ones came.
    std::size_t followed_handshakes() const { return faults_.followed; }
    /// Closes those whose handshake has not come.
    void close_idle();
    /// From now on those that carry bytes neither read nor send; the kernel still acknowledges.
    void freeze();
    /// From now on the kernel drops what comes for those that carry bytes, as if the machine had
    /// gone.
    void cut_off();

    /// Cuts a session's live connections now. Without this call the next poll finds out.
    void session_ended(const std::string& session_id);

    /// Stops accepting, cuts what lives, returns when the last connection has ended. Await it
    /// before destroying.
    awaitable<void> stop();

  private:
    using Acceptor = boost::asio::ip::tcp::acceptor;

    awaitable<void> accept(Acceptor& acceptor);
    awaitable<void> serve(boost::asio::ip::tcp::socket socket);
    awaitable<void> watch_sessions();
    void look_at_sessions(bool report);

    boost::asio::any_io_executor executor_;
    SessionAuthority& authority_;
    const WorkerLimits limits_;
    FaultBox faults_;
    WorkerTls tls_;
    std::size_t accepted_ = 0;
    std::list<Acceptor> acceptors_;
    std::list<WorkerConnection> connections_;
    agent::async::TaskGroup listeners_; ///< accept loops and the watch
    agent::async::TaskGroup serving_;
};

} // namespace devserver
