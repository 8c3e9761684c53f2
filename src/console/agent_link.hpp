#pragma once
// What agent-console asks of agentd, over its Varlink socket. Each call has a connection of its
// own, so agentd may restart in between.

#include "ipc/messages/types.hpp"
#include "ipc/socket/client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <string>

namespace console {

class AgentLink {
  public:
    AgentLink(boost::asio::any_io_executor executor, std::string socket, ipc::Cluster cluster)
        : executor_(executor), socket_(std::move(socket)), cluster_(std::move(cluster)) {}

    template <class Verb>
    boost::asio::awaitable<agent::Result<typename Verb::Response>>
    call(typename Verb::Request request) {
        auto client = ipc::Client::connect(executor_, socket_);
        if (!client) co_return unreachable(client.error());
        auto response = co_await (*client)->call<Verb>(std::move(request), limit);
        co_return response;
    }

    const ipc::Cluster& cluster() const { return cluster_; }

  private:
    /// Longer than agentd waits for a controller.
    static constexpr std::chrono::seconds limit{90};
    static agent::Error unreachable(const agent::Error& why) {
        return agent::fail(agent::Errc::agent_unreachable, agent::Hop::agent,
                           "agentd does not answer: " + why.message,
                           "run `agentctl status`: it starts the agent");
    }

    boost::asio::any_io_executor executor_;
    std::string socket_;
    ipc::Cluster cluster_;
};

} // namespace console
