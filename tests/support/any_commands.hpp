#pragma once
// RefusingCommands: every verb of org.agentd.Agent answered "not expected here". Tests of a face
// derive from it and override the verbs they are about.

#include "ipc/messages/agent_commands.hpp"

#include <tuple>

namespace agent::test {

namespace detail {

template <class Verbs> class Refusing;
template <> class Refusing<std::tuple<>> : public ipc::AgentCommands {};
template <class Verb, class... Rest>
class Refusing<std::tuple<Verb, Rest...>> : public Refusing<std::tuple<Rest...>> {
  public:
    using Refusing<std::tuple<Rest...>>::handle;
    boost::asio::awaitable<agent::Result<typename Verb::Response>>
    handle(typename Verb::Request, ipc::Progress<Verb>&) override {
        co_return agent::fail(agent::Errc::internal, agent::Hop::agent,
                              "not expected here: " + std::string(Verb::method));
    }
};

} // namespace detail

using RefusingCommands = detail::Refusing<ipc::AgentCommands::List>;

} // namespace agent::test
