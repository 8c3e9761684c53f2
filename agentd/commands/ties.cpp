// What Connect and Attach have in common: a process that the proxy is to end with.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/proxy_ties.hpp"

namespace agentd {

agent::Result<agent::UniqueFd> AgentCommands::tied_process(std::optional<std::int64_t> pid) const {
    if (!pid) return agent::UniqueFd();
    if (ties_ == nullptr)
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::agent,
                           "ends_with_pid cannot be used here");
    return ProxyTies::hold(*pid);
}

void AgentCommands::tie(agent::UniqueFd process, std::optional<std::int64_t> pid,
                        const ipc::Proxy& proxy) {
    if (process) ties_->tie(std::move(process), *pid, proxy);
}

} // namespace agentd
