#pragma once
// connect -stdio and nc: standard input and output become one connection of a proxy, through its
// owner-only Unix socket. For ssh's ProxyCommand; with its ProxyUseFdpass the connected socket
// itself is handed over and nobody stands between.

#include "agentctl/output/answer.hpp"
#include "ipc/messages/connect.hpp"

namespace agentctl {

/// Asks for a proxy (a running one will do) and connects. The exit code is 0 when the connection
/// ended, 2 when it failed. Nothing but the connection's bytes goes to standard output.
Outcome run_stdio(ipc::Connect::Request request, const Attempt& attempt);

/// The same, but sends the connected socket over standard output, which must be a Unix socket, and
/// returns.
Outcome run_fdpass(ipc::Connect::Request request, const Attempt& attempt);

} // namespace agentctl
