#pragma once
// The clusters that have names: those a person declared in config.toml and those added with
// `agentctl clusters add` (state.db). A declared name wins. One may be the current one: what is
// meant when a command names none.

#include "config/agent_config.hpp"
#include "controller/cluster_settings.hpp"
#include "state/state_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace agent::core {

struct NamedCluster {
    std::string name;
    controller::ClusterSettings settings;
    std::string auth_method; ///< to log in with; empty: the primary one of `scope`
    std::string scope;       ///< empty: global
    bool declared = false;   ///< in config.toml: changed there
    bool current = false;
};

class Clusters {
  public:
    explicit Clusters(state::StateStore& store) : store_(store) {}

    /// What config.toml says now; at start and after each reload.
    void declare(const std::vector<config::ClusterConfig>& clusters);

    /// By name.
    std::vector<NamedCluster> list() const;
    /// Errc::invalid_argument, which lists the known names.
    Result<NamedCluster> find(const std::string& name) const;
    /// The one with this address, as settings_for() writes it.
    std::optional<NamedCluster> at(const std::string& address) const;
    /// The chosen one, else config.toml's default, else the only one.
    std::optional<NamedCluster> current() const;

    /// The first one becomes the current one.
    Status add(const std::string& name, const controller::ClusterSettings& settings);
    Status remove(const std::string& name);
    Status use(const std::string& name);

  private:
    state::StateStore& store_;
    std::vector<NamedCluster> declared_; // by name; current: config.toml's default
};

} // namespace agent::core
