// ssh-config: an include file for ssh with one Host for every target and alias that the user may
// authorize.

#include "agentctl/ssh_config.hpp"

#include "ipc/messages/list.hpp"
#include "ipc/messages/list_clusters.hpp"
#include "ipc/messages/read.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/resource.hpp"
#include "agentctl/private_file.hpp"
#include "agentctl/ssh_known_names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace agentctl {
namespace {

using agent::find_member;
using agent::Json;
using agent::string_member;

std::vector<std::string> texts_in(const Json& item, std::string_view member) {
    std::vector<std::string> texts;
    const Json* list = find_member(item, member);
    if (list == nullptr || !list->is_array()) return texts;
    for (const Json& one : *list)
        if (one.is_string()) texts.push_back(one.get<std::string>());
    return texts;
}

bool may_authorize(const Json& target) {
    const auto actions = texts_in(target, "authorized_actions");
    const std::string type = string_member(target, "type");
    return (type == "tcp" || type == "ssh") &&
           std::ranges::find(actions, "authorize-session") != actions.end();
}

/// Asks for one target after the other. What the user may not read is left out: the target itself
/// still has its id.
class Reader {
  public:
    explicit Reader(const ipc::Cluster& cluster) : cluster_(cluster) {}

    agent::Result<SshTarget> read(const Json& listed) {
        SshTarget target;
        target.id = string_member(listed, "id");
        target.name = string_member(listed, "name");
        if (const Json* scope = find_member(listed, "scope"); scope != nullptr)
            target.scope_name = string_member(*scope, "name");
        const Json whole = item("targets", target.id);
        for (const auto& set : texts_in(whole, "host_source_ids"))
            for (auto& host : texts_in(item("host-sets", set), "host_ids"))
                if (std::ranges::find(target.host_ids, host) == target.host_ids.end())
                    target.host_ids.push_back(std::move(host));
        const Json* aliases = find_member(whole, "aliases");
        if (aliases != nullptr && aliases->is_array())
            for (const Json& alias : *aliases)
                target.aliases.push_back(
                    {string_member(alias, "value"), host_of(string_member(alias, "id"))});
        if (problem_) return *problem_;
        return target;
    }

  private:
    Json item(const std::string& resource, const std::string& id) {
        if (problem_) return Json::object();
        ipc::Read::Request request;
        request.cluster = cluster_;
        request.resource = resource;
        request.id = id;
        auto answer = call_agent<ipc::Read>(request);
        if (answer) return std::move(answer->item);
        const bool hidden = answer.error().status >= 400 && answer.error().status < 500;
        if (!hidden) problem_ = answer.error();
        return Json::object();
    }
    std::string host_of(const std::string& alias_id) {
        const Json alias = item("aliases", alias_id);
        const Json* attributes = find_member(alias, "attributes");
        const Json* arguments = attributes == nullptr
                                    ? nullptr
                                    : find_member(*attributes, "authorize_session_arguments");
        return arguments == nullptr ? std::string() : string_member(*arguments, "host_id");
    }

    const ipc::Cluster& cluster_;
    std::optional<agent::Error> problem_;
};

// The file must go on meaning the cluster that is current now.
agent::Status pin_cluster(ipc::Cluster& cluster) {
    if (cluster.name || cluster.address) return {};
    const auto known = call_agent<ipc::ListClusters>({});
    if (!known) return known.error();
    for (const auto& one : known->clusters)
        if (one.current && !one.name.empty()) cluster.name = one.name;
    return {};
}

agent::Result<std::string> default_file() {
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/')
        return agent::fail(agent::Errc::environment, agent::Hop::local,
                           "HOME is not set, so ~/.ssh has no place", "Give -file PATH.");
    return std::string(home) + "/.ssh/config.d/agentd";
}

Outcome write(const std::string& text, const SshHosts& hosts,
              const std::optional<std::string>& named, const Attempt& attempt) {
    auto path = named ? agent::Result<std::string>(std::filesystem::absolute(*named).string())
                      : default_file();
    if (!path) return Failure{path.error(), attempt};
    const auto written = replace_private_file(*path, text, ssh_config_mark);
    if (!written) return Failure{written.error(), attempt};
    for (const auto& note : hosts.notes) print_error(printable(note) + "\n");
    std::string told = (*written ? "Wrote " : "Nothing has changed in ") + *path + ": " +
                       std::to_string(hosts.hosts.size()) + " hosts\n";
    if (!named)
        told += "ssh reads it once ~/.ssh/config has, before its first Host:  Include "
                "config.d/agentd\n";
    return Answer(told, told);
}

} // namespace

Outcome ssh_config(const Invocation& invocation) {
    const Attempt attempt{"list on targets", "make ssh's configuration"};
    ClientFlags client;
    std::optional<std::string> scope, filter, prefix, file;
    bool write_it = false;
    Flags flags = invocation.flags();
    flags.text("scope-id", scope, "Only targets of this scope and those below; all when missing.",
               "BOUNDARY_SCOPE_ID");
    flags.text("filter", filter,
               "Boolean expression over \"/item/…\" that the controller applies.");
    flags.text(
        "prefix", prefix,
        "Put before every name, alias and id, so that none can be taken for a host of yours.");
    flags.boolean("write", write_it,
                  "Write ~/.ssh/config.d/agentd instead of printing; only ever that file.");
    flags.text("file", file, "With -write: another file.");
    client.add_to(flags);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (file && !write_it) return bad_usage("-file needs -write");
    if (prefix && safe_host_name(*prefix + "x") != *prefix + "x")
        return bad_usage("-prefix: only lower case letters, digits, '.', '_' and '-'");

    const auto pinned = pin_cluster(begun.cluster);
    if (!pinned) return Failure{pinned.error(), attempt};
    ipc::List::Request request;
    request.cluster = begun.cluster;
    request.resource = "targets";
    request.scope_id = scope.value_or("global");
    request.recursive = true;
    request.filter = filter;
    const auto listed = call_agent<ipc::List>(request);
    if (!listed) return Failure{listed.error(), attempt};
    Reader reader(begun.cluster);
    std::vector<SshTarget> targets;
    for (const Json& one : listed->items.value_or(std::vector<Json>())) {
        if (!may_authorize(one)) continue;
        auto target = reader.read(one);
        if (!target) return Failure{target.error(), attempt};
        targets.push_back(std::move(*target));
    }
    std::ranges::sort(targets, {}, &SshTarget::id); // the same text each time
    const SshKnownNames known(SshKnownNames::usual());
    const auto hosts = name_hosts(targets, prefix.value_or(""), [&](const std::string& name) {
        if (SshKnownNames::is_public(name)) return NameUse::public_host;
        return known.has(name) ? NameUse::own_host : NameUse::free;
    });
    for (const auto& warning : hosts.warnings) print_error(printable(warning) + "\n");

    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    const auto text = ssh_config_text(hosts, begun.cluster, problem ? "agentctl" : self.string());
    if (!text) return Failure{text.error(), attempt};
    if (write_it) return write(*text, hosts, file, attempt);
    return Answer(*text, *text);
}

} // namespace agentctl
