#pragma once
// A proxy as somebody wrote it down: in config.toml, or with `connect -keep`. Agent::apply takes
// the whole list of those in config.toml, compares it with what it remembers, and touches only what
// differs.

#include "agent/words.hpp"
#include "config/agent_config.hpp"
#include "controller/cluster_settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agent::core {

using config::AfterCancel;

struct ProxyDeclaration {
    std::string name;
    controller::ClusterSettings settings;
    std::string token_name = "default";
    TargetWords target;
    std::string listen_address;   ///< empty: 127.0.0.1
    std::int64_t listen_port = 0; ///< 0: chosen once and remembered
    bool shared = false;
    bool eager = false;
    AfterCancel after_cancel = AfterCancel::ask;
    std::chrono::milliseconds inactive_timeout{0};
    bool no_warm = false;
    std::optional<std::chrono::milliseconds> keep_alive; ///< as in ConnectWords
};

/// Names, sorted.
struct AppliedDeclarations {
    std::vector<std::string> added;
    std::vector<std::string> changed;
    std::vector<std::string> removed;
};

} // namespace agent::core
