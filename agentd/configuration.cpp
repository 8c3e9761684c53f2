#include "agentd/configuration.hpp"

#include "config/agent_config.hpp"
#include "config/xdg.hpp"

#include <utility>

namespace agentd {

using agent::awaitable;
using agent::Result;
using agent::config::ProxyConfig;
using namespace agent::core;

namespace {

ProxyDeclaration declaration_of(const ProxyConfig& proxy, const NamedCluster& cluster) {
    ProxyDeclaration declaration;
    declaration.name = proxy.name;
    declaration.settings = cluster.settings;
    declaration.target = proxy.target_options();
    declaration.proxy_settings() = proxy.proxy_settings();
    return declaration;
}

} // namespace

awaitable<Result<Configuration::Reloaded>> Configuration::reload() {
    while (busy_) co_await idle_.wait();
    busy_ = true;
    std::exception_ptr problem;
    Result<Reloaded> outcome =
        agent::fail(agent::Errc::canceled, agent::Hop::agent, "the reload was cut short");
    try {
        outcome = co_await read_and_apply();
    } catch (...) { // cancelled, or a file that broke while it was read
        problem = std::current_exception();
    }
    busy_ = false;
    idle_.notify_all();
    if (problem) std::rethrow_exception(problem);
    co_return outcome;
}

awaitable<Result<Configuration::Reloaded>> Configuration::read_and_apply() {
    const auto path = agent::config::config_file();
    if (!path) co_return path.error();
    const auto config = agent::config::load_agent_config_if_there(*path);
    if (!config) co_return config.error();
    agent_.clusters().declare(config->clusters);
    agent_.logins().declare(config->keyring.type);
    std::vector<ProxyDeclaration> declarations;
    for (const auto& proxy : config->proxies) {
        const auto cluster = agent_.clusters().find(proxy.cluster);
        if (!cluster) co_return cluster.error();
        declarations.push_back(declaration_of(proxy, *cluster));
    }
    auto applied = co_await agent_.apply(std::move(declarations));
    if (!applied) co_return applied.error();
    Reloaded reloaded;
    reloaded.file = *path;
    reloaded.clusters = config->clusters.size();
    reloaded.proxies = std::move(*applied);
    co_return reloaded;
}

} // namespace agentd
