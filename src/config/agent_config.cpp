// Reads the clusters first, then the proxies, which refer to them; then what only all of them
// together can get wrong.
#include "config/agent_config.hpp"

#include "base/controller_address.hpp"
#include "base/strict_table.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

namespace agent::config {

namespace {

constexpr std::size_t most_problems = 20; // more help nobody

bool is_scope_id(std::string_view scope) {
    return scope == "global" || scope.starts_with("o_") || scope.starts_with("p_");
}

enum class Reach : std::uint8_t { none, loopback, any, other };

/// Which interfaces a bind address means; none: it is no numeric address.
Reach reach_of(const std::string& bind) {
    in_addr four{};
    in6_addr six{};
    if (::inet_pton(AF_INET, bind.c_str(), &four) == 1) {
        if (ntohl(four.s_addr) >> 24 == 127) return Reach::loopback;
        return four.s_addr == INADDR_ANY ? Reach::any : Reach::other;
    }
    if (::inet_pton(AF_INET6, bind.c_str(), &six) != 1) return Reach::none;
    if (IN6_IS_ADDR_LOOPBACK(&six)) return Reach::loopback;
    return IN6_IS_ADDR_UNSPECIFIED(&six) ? Reach::any : Reach::other;
}

struct Problem {
    toml::source_position at;
    std::string text;
};

/// Reading goes on, so that one look finds all mistakes.
class Problems : public TableErrors {
  public:
    void refused(toml::source_position at, const std::string& table, std::string_view key,
                 std::string_view why) override {
        add(at, key.empty() ? fmt::format("{}: {}", table, why)
                            : fmt::format("{}: {} {}", table, key, why));
    }
    void unknown(toml::source_position at, const std::string& table, std::string_view key,
                 const Keys& known) override {
        add(at, fmt::format("{}: {} is not known; the keys here are {}", table, key,
                            fmt::join(known, ", ")));
    }
    void add(toml::source_position at, std::string text) { all_.push_back({at, std::move(text)}); }
    std::vector<Problem>& all() { return all_; }

  private:
    std::vector<Problem> all_;
};

class ConfigReader {
  public:
    explicit ConfigReader(const toml::table& root) : root_(root) {}

    AgentConfig read() {
        each("cluster", [this](StrictTable& table, std::string name) {
            read_cluster(table, std::move(name));
        });
        choose_default();
        each("proxy",
             [this](StrictTable& table, std::string name) { read_proxy(table, std::move(name)); });
        one("notifications", [this](StrictTable& table) {
            config_.notifications.enabled = table.flag("enabled", true);
        });
        one("keyring", [this](StrictTable& table) { read_keyring(table); });
        for (const auto& [key, node] : root_)
            if (key != "cluster" && key != "proxy" && key != "notifications" && key != "keyring")
                problems_.add(key.source().begin,
                              fmt::format("{} is not known; a file has [cluster.NAME], "
                                          "[proxy.NAME], [notifications] and [keyring]",
                                          key.str()));
        return std::move(config_);
    }

    std::vector<Problem>& problems() { return problems_.all(); }

  private:
    /// Each [KIND.NAME] table of the file.
    template <class Read> void each(const std::string& kind, Read read) {
        const auto* node = root_.get(kind);
        if (node == nullptr) return;
        const auto* all = node->as_table();
        if (all == nullptr) {
            problems_.add(node->source().begin, fmt::format("write each {0} as [{0}.NAME]", kind));
            return;
        }
        for (const auto& [key, entry] : *all) {
            const std::string name(key.str());
            const auto* fields = entry.as_table();
            if (fields == nullptr) {
                problems_.add(key.source().begin,
                              fmt::format("write each {0} as [{0}.NAME]", kind));
                continue;
            }
            if (!valid_name(name))
                problems_.add(
                    key.source().begin,
                    fmt::format("{}: \"{}\" is no name: up to 64 of a-z, 0-9, '.', '_' and '-', "
                                "beginning with a letter or digit (quote a name with a dot)",
                                kind, name));
            StrictTable table(*fields, kind + "." + name, problems_);
            read(table, name);
            table.finish();
        }
    }

    std::string path(StrictTable& table, std::string_view key) {
        auto text = table.text(key);
        const char* home = std::getenv("HOME");
        if (text.starts_with("~/") && home != nullptr && home[0] == '/')
            return std::string(home) + text.substr(1);
        if (!text.empty() && text.front() != '/') table.refuse(key, "must begin with / or ~/");
        return text;
    }

    void read_cluster(StrictTable& table, std::string name) {
        ClusterConfig cluster;
        cluster.name = std::move(name);
        cluster.address = table.required_text("address");
        if (const auto read = parse_controller_address(cluster.address);
            !cluster.address.empty() && !read)
            table.refuse("address", read.error().message);
        cluster.ca_cert = path(table, "ca_cert");
        cluster.ca_path = path(table, "ca_path");
        cluster.client_cert = path(table, "client_cert");
        cluster.client_key = path(table, "client_key");
        if (cluster.client_cert.empty() != cluster.client_key.empty())
            table.refuse(cluster.client_key.empty() ? "client_cert" : "client_key",
                         "needs the other of client_cert and client_key");
        cluster.tls_server_name = table.text("tls_server_name");
        cluster.tls_insecure = table.flag("tls_insecure", false);
        cluster.allow_foreign_listener = table.flag("allow_foreign_listener", false);
        cluster.auth_method = table.text("auth_method");
        cluster.scope = table.text("scope");
        if (!cluster.scope.empty() && !is_scope_id(cluster.scope))
            table.refuse("scope", "must be \"global\" or the id of an org");
        cluster.is_default = table.flag("default", false);
        const bool second = std::ranges::any_of(config_.clusters, &ClusterConfig::is_default);
        if (cluster.is_default && second)
            table.refuse("default", "is true for another cluster already");
        config_.clusters.push_back(std::move(cluster));
    }

    void choose_default() {
        if (config_.clusters.size() == 1) config_.clusters.front().is_default = true;
    }

    void read_proxy(StrictTable& table, std::string name) {
        ProxyConfig proxy;
        proxy.name = std::move(name);
        read_cluster_of(table, proxy);
        read_target(table, proxy);
        proxy.host_id = table.text("host");
        read_listener(table, proxy);
        proxy.eager = table.flag("eager", false);
        const auto after_cancel = table.text("after_cancel");
        const auto known = model::from_name<AfterCancel>(after_cancel);
        if (known)
            proxy.after_cancel = *known;
        else if (!after_cancel.empty())
            table.refuse("after_cancel", "must be \"ask\" or \"reauthorize\"");
        proxy.inactive_timeout =
            table.duration("inactive_timeout").value_or(std::chrono::milliseconds(0));
        proxy.warm = table.flag("warm", true);
        proxy.keep_alive = table.duration("keep_alive");
        config_.proxies.push_back(std::move(proxy));
    }

    void read_cluster_of(StrictTable& table, ProxyConfig& proxy) {
        proxy.cluster = table.text("cluster");
        if (!table.has("cluster")) {
            const auto* chosen = config_.cluster({});
            if (chosen != nullptr)
                proxy.cluster = chosen->name;
            else if (config_.clusters.empty())
                table.refuse("cluster",
                             "is missing, and the file declares none: write one as [cluster.NAME]");
            else
                table.refuse("cluster", "is missing, and no cluster is the default");
        } else if (!proxy.cluster.empty() && config_.cluster(proxy.cluster) == nullptr)
            table.refuse("cluster",
                         fmt::format("is \"{0}\", but there is no [cluster.{0}]", proxy.cluster));
    }

    void read_target(StrictTable& table, ProxyConfig& proxy) {
        const auto target = table.text("target");
        const auto alias = table.text("alias");
        proxy.target_name = table.text("name");
        const auto scope = table.text("scope");
        if (table.has("target") + table.has("alias") + table.has("name") != 1)
            table.refuse_all("needs exactly one of target (an id), alias, and name with scope");
        else if (table.has("scope") != table.has("name"))
            table.refuse(table.has("scope") ? "scope" : "name",
                         "needs the other of name and scope");
        proxy.target = target.empty() ? alias : target;
        (is_scope_id(scope) ? proxy.scope_id : proxy.scope_name) = scope;
    }

    void read_listener(StrictTable& table, ProxyConfig& proxy) {
        if (const auto bind = table.text("bind"); !bind.empty()) proxy.listen_address = bind;
        proxy.listen_port = table.number("port", 1, 65535).value_or(0);
        proxy.shared = table.flag("shared", false);
        const auto reach = reach_of(proxy.listen_address);
        if (reach == Reach::none && !proxy.listen_address.empty())
            table.refuse("bind", "must be an address in numbers, as 127.0.0.1 or ::1");
        if ((reach == Reach::any || reach == Reach::other) && !proxy.shared)
            table.refuse("bind", "lets others in: say shared = true as well");
        for (const auto& other : config_.proxies) {
            const bool meet = other.listen_address == proxy.listen_address || reach == Reach::any ||
                              reach_of(other.listen_address) == Reach::any;
            if (proxy.listen_port != 0 && other.listen_port == proxy.listen_port && meet)
                table.refuse("port", fmt::format("{} is taken by proxy.{} already",
                                                 proxy.listen_port, other.name));
        }
    }

    /// The [KIND] table of the file, if there is one.
    template <class Read> void one(const std::string& kind, Read read) {
        const auto* node = root_.get(kind);
        if (node == nullptr) return;
        const auto* fields = node->as_table();
        if (fields == nullptr) {
            problems_.add(node->source().begin, fmt::format("write it as [{}]", kind));
            return;
        }
        StrictTable table(*fields, kind, problems_);
        read(table);
        table.finish();
    }

    void read_keyring(StrictTable& table) {
        auto& type = config_.keyring.type;
        type = table.text("type");
        const auto known = {"secret-service", "kernel", "memory", "file"};
        if (!type.empty() && std::ranges::find(known, type) == known.end())
            table.refuse("type", "must be \"secret-service\", \"kernel\", \"memory\" or \"file\"");
    }

    const toml::table& root_;
    AgentConfig config_;
    Problems problems_;
};

std::string line_of(std::string_view name, const toml::source_position& at, std::string_view why) {
    return fmt::format("{}:{}:{}: {}", name, at.line, at.column, why);
}

Error refused(std::string message) {
    return fail(Errc::invalid_argument, Hop::local, std::move(message));
}

} // namespace

bool valid_name(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= longest_name && plain(name.front()) &&
           std::ranges::all_of(
               name, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

Result<AgentConfig> parse_agent_config(std::string_view text, std::string_view name) {
    try {
        const toml::table root = toml::parse(text, name);
        ConfigReader reader(root);
        auto config = reader.read();
        auto& problems = reader.problems();
        if (problems.empty()) return config;
        std::ranges::stable_sort(problems,
                                 [](const Problem& a, const Problem& b) { return a.at < b.at; });
        std::string message;
        for (const auto& problem : problems) {
            if (&problem - problems.data() == most_problems) {
                message += fmt::format("\n… and {} more", problems.size() - most_problems);
                break;
            }
            message += (message.empty() ? "" : "\n") + line_of(name, problem.at, problem.text);
        }
        return refused(std::move(message));
    } catch (const toml::parse_error&
                 problem) { // after a syntax error nothing can be said about the rest
        return refused(line_of(name, problem.source().begin, problem.description()));
    }
}

} // namespace agent::config
