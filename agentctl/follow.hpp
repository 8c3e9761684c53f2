#pragma once
// The foreground part of connect and attach: follows a proxy until it ends, the user stops it, the
// terminal goes away, or the command beside it ends. agentd may come and go meanwhile; the proxy
// lives in a process of its own.

#include "agentctl/child.hpp"
#include "agentctl/output/printer.hpp"
#include "agentctl/signals.hpp"
#include "ipc/messages/types.hpp"

#include <functional>

namespace agentctl {

struct FollowOptions {
    bool stop_on_interrupt = true; ///< false: Ctrl-C leaves the proxy alone
    bool quiet = false;            ///< beside a command nothing is printed
    bool die_with_us = false;      ///< agentd ends the proxy when this process ends, however
    bool keep_proxy = false;       ///< it goes on when the command beside it has ended
    /// Called with the proxy's state at the start of following.
    std::function<void(const ipc::Proxy&)> on_first = {};
};

/// Returns the exit code: the child's if there is one.
int follow(const ipc::Proxy& proxy, Signals& signals, const Printer& printer,
           const FollowOptions& options = {}, Child* child = nullptr);

/// Ends the proxy; a second SIGINT or SIGTERM gives up waiting.
agent::Status stop_proxy(const std::string& name, Signals& signals);

} // namespace agentctl
