#pragma once
// Between the words of the wire (ipc) and the words of the core (src/agent): the only place that
// knows both.

#include "agent/clusters/clusters.hpp"
#include "agent/event_hub.hpp"
#include "agent/options.hpp"
#include "ipc/messages/types.hpp"

#include <optional>
#include <string>

namespace agentd {

/// Which cluster is meant: by name, by address (with the settings of a cluster that has it), or the
/// current one. Errc::invalid_argument for an unknown name, and for an address or a limit that
/// cannot be meant.
agent::Result<agent::core::ClusterChoice> choose_cluster(const std::optional<ipc::Cluster>& cluster,
                                                         const agent::core::Clusters& known);

ipc::Proxy to_message(const agent::core::ProxyStatus& status);
ipc::ClientFailure to_message(const agent::model::ClientFailure& failure);
ipc::KnownCluster to_message(agent::core::ClusterStatus status);
ipc::Event to_message(const agent::core::AgentEvent& event);

/// The five members that name a target, as Connect and AuthorizeSession have them.
template <class Request> agent::core::TargetOptions target_words(const Request& request) {
    agent::core::TargetOptions options;
    options.target = request.target.value_or("");
    options.target_name = request.target_name.value_or("");
    options.scope_id = request.scope_id.value_or("");
    options.scope_name = request.scope_name.value_or("");
    options.host_id = request.host_id.value_or("");
    return options;
}

} // namespace agentd
