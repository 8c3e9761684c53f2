#pragma once
// How a verb reaches agentd: connect to its socket, and start it when nobody answers there.

#include "ipc/socket/blocking_client.hpp"

#include <string>

namespace agentctl {

/// $XDG_RUNTIME_DIR/agentd/agent.sock. Errc::environment without that variable.
agent::Result<std::string> agent_socket_path();

/// Starts agentd when it does not answer (not with AGENTCTL_NO_START=1) and waits until it is
/// ready.
agent::Result<ipc::BlockingClient> connect_to_agent();

/// Whether a call that got no answer, because agentd ended or was replaced, is made once more: a
/// few times when it was not read, once when it was and its verb changes nothing, else never.
/// ipc/REFERENCE.md says it to others.
class Attempts {
  public:
    bool another(ipc::Lost lost, bool changes_nothing);

  private:
    int unread_ = 0;
    int unanswered_ = 0;
};

/// One call on a connection of its own.
template <class Verb>
agent::Result<typename Verb::Response> call_agent(const typename Verb::Request& request,
                                                  const ipc::Watched& watched = {}) {
    constexpr bool changes_nothing = requires { Verb::changes_nothing; };
    for (Attempts attempts;;) {
        auto client = connect_to_agent();
        if (!client) return client.error();
        auto answer = client->call<Verb>(request, watched);
        if (answer || !attempts.another(client->lost(), changes_nothing)) return answer;
    }
}

/// The same for a verb that tells its progress, each reply but the last.
template <class Verb>
agent::Result<typename Verb::Response>
call_agent_more(const typename Verb::Request& request,
                const std::function<void(const typename Verb::Response&)>& on_reply,
                const ipc::Watched& watched = {}) {
    constexpr bool changes_nothing = requires { Verb::changes_nothing; };
    for (Attempts attempts;;) {
        auto client = connect_to_agent();
        if (!client) return client.error();
        auto answer = client->call_more<Verb>(request, on_reply, watched);
        if (answer || !attempts.another(client->lost(), changes_nothing)) return answer;
    }
}

} // namespace agentctl
