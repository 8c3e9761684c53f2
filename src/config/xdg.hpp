#pragma once
// Where files live. Used by agentd and agent-proxy; agentctl, which links less, computes only the
// socket's path itself.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace agent::config {

/// $XDG_RUNTIME_DIR, or /run/user/UID when that exists and is ours. Errc::environment with the next
/// step otherwise.
Result<std::string> runtime_directory();

/// runtime_directory()/agentd, made 0700 when missing; must be a directory of ours that nobody else
/// can enter.
Result<std::string> agent_directory();

/// Paths below the agent directory.
struct RuntimePaths {
    std::string agent_socket; ///< agent.sock
    std::string lock;         ///< agentd.lock
    std::string proxies;      ///< proxies/: one control socket for each agent-proxy, ID.sock
    std::string connect; ///< connect/: one owner-only socket for each proxy, NAME.sock, that leads
                         ///< to its target
};
/// Makes the agent directory and its two folders.
Result<RuntimePaths> runtime_paths();

/// $XDG_STATE_HOME/agentd or ~/.local/state/agentd, made 0700 when missing. Errc::environment when
/// it cannot be: callers go on without state where they can.
Result<std::string> state_directory();

/// $XDG_CONFIG_HOME/agentd/config.toml or ~/.config/agentd/config.toml, whether there is one or
/// not.
Result<std::string> config_file();

} // namespace agent::config
