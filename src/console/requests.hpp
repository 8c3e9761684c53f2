#pragma once
// What a request that has passed the gate gets: a file of the page, the controller's answer to
// /v1/…, or the agent's own part under /agent/…. No sockets of the browser's here; http_server.cpp
// owns those.

#include "base/json.hpp"
#include "console/agent_link.hpp"
#include "console/serve/page.hpp"

#include <boost/asio/awaitable.hpp>

namespace console {

class Requests {
  public:
    explicit Requests(AgentLink& agent) : agent_(agent) {}
    boost::asio::awaitable<HttpResponse> answer(HttpRequest request);

  private:
    using Outcome = agent::Result<agent::Json>;
    boost::asio::awaitable<HttpResponse> forward(HttpRequest request);
    boost::asio::awaitable<Outcome> own_part(std::string method, std::string path,
                                             agent::Json body);
    boost::asio::awaitable<Outcome> status();
    boost::asio::awaitable<Outcome> proxies();
    boost::asio::awaitable<Outcome> connect(agent::Json body);
    boost::asio::awaitable<Outcome> disconnect(agent::Json body);
    boost::asio::awaitable<Outcome> why(agent::Json body);
    boost::asio::awaitable<Outcome> log_in(agent::Json body);
    boost::asio::awaitable<Outcome> log_out();

    AgentLink& agent_;
};

} // namespace console
