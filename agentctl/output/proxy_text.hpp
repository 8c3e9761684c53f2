#pragma once
// What is printed about a proxy: the blocks of a foreground connect, as Boundary's, and our own
// list.

#include "agentctl/output/answer.hpp"
#include "base/json.hpp"
#include "ipc/messages/types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

/// "127.0.0.1:2200", "[::1]:2200"; empty for a proxy that has only a Unix socket.
std::string local_endpoint(const ipc::Proxy& proxy);

/// `with_name`: for a detached proxy, whose name is how one comes back to it.
Answer listening(const ipc::Proxy& proxy, const std::vector<agent::Json>& credentials,
                 bool with_name);
Answer brokered(const std::vector<agent::Json>& credentials);
Answer connections_left(std::int64_t left);
Answer termination(std::string_view reason);
/// "No proxies found" when there are none.
std::string proxies_table(const std::vector<ipc::Proxy>& proxies);

} // namespace agentctl
