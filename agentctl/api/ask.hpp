#pragma once
// Asks the agent what a row means: List, Read and Delete where they do, CallApi for the rest.

#include "agentctl/api/body.hpp"
#include "ipc/messages/types.hpp"

namespace agentctl {

struct ApiAnswer {
    std::int64_t status = 0;
    agent::Json item;               ///< the controller's body
    std::vector<agent::Json> items; ///< of a list
};

/// Reads the version first when it is wanted and was not given, and once more when it has changed
/// in between. Wipes the body.
agent::Result<ApiAnswer> ask(const CommandRow& row, Given& given, ApiCall call,
                             ipc::Cluster cluster);

} // namespace agentctl
