#pragma once
// A proxy as somebody wrote it down: in config.toml, or with `connect -keep`. verbs/apply.cpp takes
// the whole list of those in config.toml, compares it with what it remembers, and touches only what
// differs.

#include "agent/options.hpp"
#include "controller/cluster_settings.hpp"

#include <string>
#include <vector>

namespace agent::core {

using model::AfterCancel;

struct ProxyDeclaration : model::ProxySettings {
    std::string name;
    controller::ClusterSettings settings;
    std::string token_name = "default";
    TargetOptions target;
};

/// Names, sorted.
struct AppliedDeclarations {
    std::vector<std::string> added;
    std::vector<std::string> changed;
    std::vector<std::string> removed;
};

} // namespace agent::core
