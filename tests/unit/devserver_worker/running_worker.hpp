#pragma once
// RunningWorker: a Worker with a MemoryAuthority on a thread of its own, so that a blocking client
// can play the other side; and the endpoints it dials, on the same thread. `at()` runs code over
// there and brings the result back.

#include "async/task_group.hpp"
#include "blocking_client.hpp"
#include "boundary/protocol.hpp"
#include "devserver/worker/worker.hpp"
#include "memory_authority.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <future>
#include <string>
#include <thread>

namespace devserver::test {

using tcp = boost::asio::ip::tcp;
/// What an endpoint does with an accepted connection.
using Behaviour = std::function<agent::awaitable<void>(tcp::socket)>;

Behaviour echo();
/// Sends `bytes` at once and closes, never reading.
Behaviour send_and_close(std::size_t bytes);
/// Reads into `received` until the end; touched on the worker's thread only.
Behaviour collect(std::string& received, bool& ended);

class RunningWorker {
  public:
    explicit RunningWorker(WorkerLimits limits = {});
    ~RunningWorker();

    template <class F> auto at(F f) {
        std::packaged_task<decltype(f())()> task(std::move(f));
        auto result = task.get_future();
        boost::asio::post(context_, [&task] { task(); });
        return result.get();
    }
    /// Polls `condition` on the worker's thread until it holds, for at most ten seconds.
    bool eventually(std::function<bool()> condition);

    std::uint16_t port() const { return port_; }
    /// "tcp://127.0.0.1:PORT" of a new endpoint.
    std::string endpoint(Behaviour behaviour);
    /// A port nobody listens on.
    std::string dead_endpoint();
    /// A new session; what its token would hold for a client.
    ClientOptions add_session(const std::string& id, const std::string& endpoint,
                              std::int32_t limit = -1,
                              std::chrono::milliseconds life = std::chrono::hours(1));

    MemoryAuthority authority;

  private:
    agent::awaitable<void> accept(tcp::acceptor& acceptor, Behaviour& behaviour);
    agent::awaitable<void> end();

    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    agent::async::TaskGroup tasks_;
    std::list<std::pair<tcp::acceptor, Behaviour>> endpoints_;
    Worker worker_;
    std::uint16_t port_ = 0;
    std::thread thread_;

  public:
    Worker& worker() { return worker_; }
};

} // namespace devserver::test
