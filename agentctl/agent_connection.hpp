#pragma once
// How a verb reaches agentd: connect to its socket, and start it when nobody answers there.

#include "ipc/socket/blocking_client.hpp"

#include <string>

namespace agentctl {

/// $XDG_RUNTIME_DIR/agentd/agent.sock. Errc::environment without that variable.
agent::Result<std::string> agent_socket_path();

/// Starts agentd when it does not answer (not with AGENTCTL_NO_START=1) and waits until it is ready.
agent::Result<ipc::BlockingClient> connect_to_agent();

/// One call on a connection of its own.
template <class Verb> agent::Result<typename Verb::Response> call_agent(const typename Verb::Request& request) {
    auto client = connect_to_agent();
    if (!client) return client.error();
    return client->call<Verb>(request);
}

} // namespace agentctl
