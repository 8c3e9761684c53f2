#pragma once
// Server: store, API and worker of one dev server on one io_context, started together and stopped
// in reverse.

#include "async/task_group.hpp"
#include "devserver/api/http_server.hpp"
#include "devserver/options.hpp"
#include "devserver/store/store.hpp"
#include "devserver/worker/worker.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace devserver {

class Server {
  public:
    Server(boost::asio::any_io_executor executor, Options options);

    /// Binds both addresses and fills a new store.
    agent::Status start();
    /// What was generated, for people and for tests that asked for port 0.
    std::string description();
    agent::awaitable<void> stop();

    Store& store() { return store_; }
    std::string api_url() const;

  private:
    agent::Status fill_store();
    agent::awaitable<void> end_sessions();
    agent::awaitable<void> forget_sessions();
    void take_turn(const char* what, void (Sessions::*work)());

    Options options_;
    std::string worker_address_;
    bool seeded_ =
        false; ///< by this start; otherwise the state file's own names and passwords hold
    Store store_;
    Worker worker_;
    Api api_;
    HttpServer http_;
    agent::async::TaskGroup tickers_;
};

} // namespace devserver
