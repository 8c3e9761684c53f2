#include "agent/clusters/clusters.hpp"

#include "base/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agent::core {
namespace {

std::string names_of(const std::vector<NamedCluster>& clusters) {
    std::string names;
    for (const auto& one : clusters) names += (names.empty() ? "" : ", ") + one.name;
    return names;
}

} // namespace

void Clusters::declare(const std::vector<config::ClusterConfig>& clusters) {
    declared_.clear();
    for (const auto& one : clusters) {
        auto settings = controller::settings_for(one.address);
        if (!settings) { // config.toml was checked when it was read
            log::warning("cluster {}: {}", one.name, settings.error().message);
            continue;
        }
        NamedCluster cluster;
        cluster.name = one.name;
        cluster.settings = std::move(*settings);
        cluster.settings.ca_cert = one.ca_cert;
        cluster.settings.ca_path = one.ca_path;
        cluster.settings.client_cert = one.client_cert;
        cluster.settings.client_key = one.client_key;
        cluster.settings.tls_server_name = one.tls_server_name;
        cluster.settings.tls_insecure = one.tls_insecure;
        cluster.settings.allow_foreign_listener = one.allow_foreign_listener;
        cluster.auth_method = one.auth_method;
        cluster.scope = one.scope;
        cluster.declared = true;
        cluster.current = one.is_default;
        declared_.push_back(std::move(cluster));
    }
    std::ranges::sort(declared_, {}, &NamedCluster::name);
}

std::vector<NamedCluster> Clusters::list() const {
    std::vector<NamedCluster> all = declared_;
    const auto rows = store_.clusters();
    if (!rows) log::warning("{}", rows.error().message);
    std::string chosen;
    if (rows) {
        for (const auto& row : *rows) {
            if (row.current) chosen = row.name;
            if (std::ranges::find(declared_, row.name, &NamedCluster::name) != declared_.end())
                continue;
            const auto json = parse_json(row.settings);
            auto settings = json ? controller::settings_from_json(*json)
                                 : Result<controller::ClusterSettings>(json.error());
            if (!settings || string_member(*json, "address").empty())
                continue; // the mark of a declared one, now gone
            NamedCluster cluster;
            cluster.name = row.name;
            cluster.settings = std::move(*settings);
            all.push_back(std::move(cluster));
        }
    }
    std::ranges::sort(all, {}, &NamedCluster::name);
    if (std::ranges::find(all, chosen, &NamedCluster::name) != all.end())
        for (auto& one : all) one.current = one.name == chosen;
    if (all.size() == 1) all[0].current = true;
    return all;
}

Result<NamedCluster> Clusters::find(const std::string& name) const {
    auto all = list();
    const auto found = std::ranges::find(all, name, &NamedCluster::name);
    if (found != all.end()) return std::move(*found);
    if (all.empty())
        return fail(Errc::invalid_argument, Hop::local,
                    "there is no cluster \"" + name + "\", and no other one",
                    "add it: agentctl clusters add " + name + " -addr https://…");
    return fail(Errc::invalid_argument, Hop::local,
                "there is no cluster \"" + name + "\"; known are " + names_of(all),
                "name one of these, or add it: agentctl clusters add " + name + " -addr https://…");
}

std::optional<NamedCluster> Clusters::at(const std::string& address) const {
    std::optional<NamedCluster> found;
    for (auto& one : list())
        if (one.settings.address == address && (!found || one.current)) found = std::move(one);
    return found;
}

std::optional<NamedCluster> Clusters::current() const {
    for (auto& one : list())
        if (one.current) return std::move(one);
    return std::nullopt;
}

Status Clusters::add(const std::string& name, const controller::ClusterSettings& settings) {
    if (!config::valid_name(name))
        return fail(Errc::invalid_argument, Hop::local, "\"" + name + "\" is no name for a cluster",
                    "use up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
    const auto all = list();
    const auto found = std::ranges::find(all, name, &NamedCluster::name);
    if (found != all.end() && found->declared)
        return fail(Errc::invalid_argument, Hop::local,
                    "the cluster " + name +
                        " is declared in config.toml, which this command does not change",
                    "change it there and run agentctl reload, or choose another name");
    if (found != all.end())
        return fail(Errc::invalid_argument, Hop::local,
                    "there is a cluster " + name + " already, at " + found->settings.address,
                    "agentctl clusters remove " + name + ", or choose another name");
    const auto durable = store_.durable();
    if (!durable) return durable;
    state::ClusterRecord record;
    record.name = name;
    record.settings = dump_json(controller::settings_to_json(settings));
    record.current = all.empty();
    return store_.put_cluster(record);
}

Status Clusters::remove(const std::string& name) {
    const auto found = find(name);
    if (!found) return found.error();
    if (found->declared)
        return fail(Errc::invalid_argument, Hop::local,
                    "the cluster " + name + " is declared in config.toml",
                    "remove it there and run agentctl reload");
    const auto removed = store_.forget_cluster(name);
    if (!removed) return removed.error();
    return {};
}

Status Clusters::use(const std::string& name) {
    const auto found = find(name);
    if (!found) return found.error();
    const auto durable = store_.durable();
    if (!durable) return durable;
    if (!found->declared) return store_.set_current_cluster(name);
    state::ClusterRecord
        mark; // only says that it is the current one; its settings are config.toml's
    mark.name = name;
    mark.current = true;
    return store_.put_cluster(mark);
}

} // namespace agent::core
