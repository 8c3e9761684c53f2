#pragma once
// -output-curl-string: the request as something to type.

#include "agentctl/api/body.hpp"
#include "ipc/messages/types.hpp"

namespace agentctl {

/// Secrets in the body are *** and the login is <token>: what is printed is pasted elsewhere.
agent::Result<std::string> curl_command(const ApiCall& call, const ipc::Cluster& cluster,
                                        bool wants_version);

} // namespace agentctl
