#include "agentctl/ssh_config.hpp"

#include "agentctl/output/resource.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace agentctl {
namespace {

// Ids and aliases go into a command line that a shell reads: only what needs no thought is let
// through.
bool is_plain(std::string_view text) {
    return !text.empty() && text.front() != '-' && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '.' || c == '-';
    });
}

/// As the controller makes them, with an underscore, which no host's name has.
bool is_id(std::string_view text) {
    const auto sign = text.find('_');
    return is_plain(text) && sign != 0 && sign + 1 < text.size() && sign != std::string_view::npos;
}

/// For the user's shell, and for ssh, to which % means something.
std::string quoted(const std::string& word) {
    std::string out;
    for (const char c : word) {
        if (c == '%') out += '%';
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return is_plain(word) ||
                   word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_./:@=-") == std::string::npos
               ? out
               : "'" + out + "'";
}

std::string one_line(const std::string& text) {
    return printable(text);
}

/// name → the targets that want it
std::map<std::string, std::vector<const SshTarget*>>
wishes_of(const std::vector<SshTarget>& targets, const std::string& prefix) {
    std::map<std::string, std::vector<const SshTarget*>> wishes;
    for (const SshTarget& target : targets)
        if (const std::string name = safe_host_name(target.name); !name.empty())
            wishes[prefix + name].push_back(&target);
    return wishes;
}

/// Each target's name, unique; without one it is called by its id alone.
std::map<const SshTarget*, std::string> choose_names(const std::vector<SshTarget>& targets,
                                                     const std::string& prefix,
                                                     const std::set<std::string>& taken,
                                                     std::vector<std::string>& notes) {
    std::map<const SshTarget*, std::string> chosen;
    for (const auto& [name, wanting] : wishes_of(targets, prefix)) {
        if (wanting.size() == 1 && !taken.contains(name)) {
            chosen[wanting.front()] = name;
            continue;
        }
        std::map<std::string, int> scoped;
        const auto with_scope = [&](const SshTarget* one) {
            return name + "." + safe_host_name(one->scope_name);
        };
        for (const SshTarget* one : wanting) ++scoped[with_scope(one)];
        std::vector<std::string> used;
        for (const SshTarget* one : wanting) {
            const std::string longer = with_scope(one);
            const bool free =
                scoped[longer] == 1 && !longer.ends_with('.') && !taken.contains(longer);
            if (free) chosen[one] = longer;
            used.push_back(free ? longer : prefix + one->id);
        }
        notes.push_back(fmt::format("\"{}\" would be {}: use {}", name,
                                    wanting.size() == 1 ? "an alias and a target"
                                                        : fmt::format("{} targets", wanting.size()),
                                    fmt::join(used, ", ")));
    }
    return chosen;
}

/// Takes away what no target may be called, and says what means something else so far.
void judge_names(SshHosts& result, const NameUses& uses) {
    std::set<std::string> own, left_out;
    for (SshHost& host : result.hosts) {
        std::erase_if(host.names, [&](const std::string& name) {
            const NameUse use = uses(name);
            if (use == NameUse::own_host) own.insert(name);
            if (use == NameUse::public_host) left_out.insert(name);
            return use == NameUse::public_host;
        });
    }
    std::erase_if(result.hosts, [](const SshHost& host) { return host.names.empty(); });
    if (!left_out.empty())
        result.warnings.push_back(
            fmt::format("left out, for these are names of public hosts: {}; -prefix WORD puts a "
                        "word before every name",
                        fmt::join(left_out, ", ")));
    if (!own.empty())
        result.warnings.push_back(
            fmt::format("you have hosts of these names already, and ssh will go to the targets "
                        "instead: {}; -prefix WORD puts a word before every name",
                        fmt::join(own, ", ")));
}

} // namespace

std::string safe_host_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80 && (std::isalnum(byte) || c == '.' || c == '_' || c == '-'))
            name += static_cast<char>(std::tolower(byte));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    name.erase(0, name.find_first_not_of("-."));
    while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
    return name;
}

SshHosts name_hosts(const std::vector<SshTarget>& targets, const std::string& prefix,
                    const NameUses& uses) {
    SshHosts result;
    std::set<std::string> aliases;
    for (const SshTarget& target : targets)
        for (const auto& alias : target.aliases)
            aliases.insert(prefix + safe_host_name(alias.value));
    const auto names = choose_names(targets, prefix, aliases, result.notes);
    for (const SshTarget& target : targets) {
        if (!is_id(target.id)) {
            result.notes.push_back("left out, its id is no id: " + one_line(target.id));
            continue;
        }
        SshHost host;
        const auto name = names.find(&target);
        if (name != names.end()) host.names.push_back(name->second);
        host.names.push_back(prefix + target.id);
        host.about = one_line(target.scope_name.empty() ? target.name
                                                        : target.name + " in " + target.scope_name);
        // As `connect ssh` has it, so that both share what ssh knows of the host.
        const bool one_host = target.host_ids.size() == 1 && is_id(target.host_ids.front());
        host.host_key_alias = one_host ? target.host_ids.front() : target.id;
        host.destination = target.id;
        result.hosts.push_back(host);
        for (const std::string& id : target.host_ids) {
            if (target.host_ids.size() < 2 || !is_id(id)) continue;
            SshHost single = host; // each host of several has a key of its own
            single.names = {host.names.front() + "." + id};
            single.host_key_alias = id;
            single.host_id = id;
            result.hosts.push_back(std::move(single));
        }
        for (const auto& alias : target.aliases) {
            // An alias is known to Boundary by having no underscore; others would be taken for ids.
            if (!is_plain(alias.value) || alias.value.find('_') != std::string::npos) {
                result.notes.push_back("left out, no alias by its form: " + one_line(alias.value));
                continue;
            }
            SshHost other = host;
            other.names = {prefix + alias.value};
            other.destination = alias.value;
            if (is_id(alias.host_id)) other.host_key_alias = alias.host_id;
            result.hosts.push_back(std::move(other));
        }
    }
    if (uses) judge_names(result, uses);
    return result;
}

agent::Result<std::string> ssh_config_text(const SshHosts& hosts, const ipc::Cluster& cluster,
                                           const std::string& program) {
    const std::string address = cluster.address.value_or("http://127.0.0.1:9200");
    const std::string place =
        cluster.name ? "-cluster " + quoted(*cluster.name) : "-addr " + quoted(address);
    std::string command = quoted(program) + " nc -fdpass " + place;
    const auto add = [&](std::string_view flag, const std::optional<std::string>& value) {
        if (value && !value->empty()) command += fmt::format(" -{} {}", flag, quoted(*value));
    };
    add("ca-cert", cluster.ca_cert);
    add("ca-path", cluster.ca_path);
    add("client-cert", cluster.client_cert);
    add("client-key", cluster.client_key);
    add("tls-server-name", cluster.tls_server_name);
    if (cluster.tls_insecure.value_or(false)) command += " -tls-insecure";
    if (cluster.allow_foreign_listener.value_or(false)) command += " -allow-foreign-listener";
    add("token-name", cluster.token_name);
    if (command.find_first_of("\n\r") != std::string::npos ||
        command.find('\0') != std::string::npos)
        return agent::fail(
            agent::Errc::invalid_argument, agent::Hop::local,
            "a line's end inside an address or path cannot stand in ssh's configuration");

    std::string text =
        fmt::format("{} for {}. What is changed here is lost when it is made again.\n",
                    ssh_config_mark, one_line(cluster.name.value_or(address)));
    text += "# Before the first Host in ~/.ssh/config:  Include config.d/agentd\n";
    for (const auto* notes : {&hosts.notes, &hosts.warnings})
        for (const auto& note : *notes) text += "# " + one_line(note) + "\n";
    for (const SshHost& host : hosts.hosts) {
        text +=
            fmt::format("\n# {}\nHost {}\n    HostKeyAlias {}\n    ProxyCommand {} {}{}{}\n    "
                        "ProxyUseFdpass yes\n",
                        host.about, fmt::join(host.names, " "), host.host_key_alias, command,
                        host.destination, host.host_id.empty() ? "" : " -host-id ", host.host_id);
    }
    return text;
}

} // namespace agentctl
