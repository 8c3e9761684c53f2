// Reads the file kind by kind, in an order in which every reference points backwards.
#include "base/strict_table.hpp"
#include "devserver/config/dev_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

namespace devserver {

namespace {

using agent::StrictTable;
using Index = std::optional<std::size_t>;

/// Thrown in here only, and turned into a Result at the door: what is declared later refers to what
/// came before, so the first mistake ends the reading.
struct ConfigProblem {
    toml::source_position at;
    std::string text;
};

class FirstProblem : public agent::TableErrors {
  public:
    void refused(toml::source_position at, const std::string& table, std::string_view key,
                 std::string_view why) override {
        throw ConfigProblem{at, key.empty() ? fmt::format("{}: {}", table, why)
                                            : fmt::format("{}: {}: {}", table, key, why)};
    }
    void unknown(toml::source_position at, const std::string& table, std::string_view key,
                 const agent::Keys&) override {
        throw ConfigProblem{at, fmt::format("{}: {} is not known here", table, key)};
    }
};

class ConfigReader {
  public:
    explicit ConfigReader(const toml::table& root) : root_(root, "top level", first_problem_) {}

    DevConfig read() {
        each("org", [this](StrictTable& table) { add(table, config_.orgs, DevOrg{}, "o"); });
        each("project", [this](StrictTable& table) { read_project(table); });
        each("user", [this](StrictTable& table) { read_user(table); });
        each("host_catalog", [this](StrictTable& table) { read_host_catalog(table); });
        each("host", [this](StrictTable& table) { read_host(table); });
        each("host_set", [this](StrictTable& table) { read_host_set(table); });
        each("credential_store", [this](StrictTable& table) { read_credential_store(table); });
        each("credential", [this](StrictTable& table) { read_credential(table); });
        each("target", [this](StrictTable& table) { read_target(table); });
        each("alias", [this](StrictTable& table) { read_alias(table); });
        root_.finish();
        return std::move(config_);
    }

  private:
    /// Each [[KIND]] table of the file.
    template <class Read> void each(std::string_view kind, Read read) {
        for (const auto* entry : root_.tables(kind)) {
            StrictTable table(*entry, std::string(kind), first_problem_);
            read(table);
            table.finish();
        }
    }

    /// An id that the API would not take could never be asked for.
    static std::string read_id(StrictTable& table, std::string_view prefix) {
        const auto id = table.any_text("id");
        const auto start = std::string(prefix) + "_";
        const bool good =
            id.size() > start.size() && id.starts_with(start) &&
            std::all_of(id.begin() + static_cast<std::ptrdiff_t>(start.size()), id.end(),
                        [](unsigned char c) { return c < 128 && std::isalnum(c) != 0; });
        if (!id.empty() && !good)
            table.refuse("id", fmt::format("must be {} and letters or digits", start));
        return id;
    }

    /// Reads the members every kind has and appends the entry.
    template <class T>
    T& add(StrictTable& table, std::vector<T>& all, T entry, std::string_view prefix) {
        entry.name = table.required_text("name");
        entry.id = read_id(table, prefix);
        entry.description = table.any_text("description");
        for (const auto& other : all) {
            if (other.name == entry.name)
                table.refuse("name", fmt::format("\"{}\" is taken already", entry.name));
            if (!entry.id.empty() && other.id == entry.id)
                table.refuse("id", fmt::format("\"{}\" is taken already", entry.id));
        }
        return all.emplace_back(std::move(entry));
    }

    template <class T> static Index find(const std::vector<T>& all, const std::string& reference) {
        for (std::size_t i = 0; i < all.size(); ++i)
            if (all[i].name == reference || (!all[i].id.empty() && all[i].id == reference))
                return i;
        return std::nullopt;
    }

    template <class T>
    static std::size_t refer(StrictTable& table, std::string_view key, const std::vector<T>& all,
                             const std::string& reference) {
        const auto index = find(all, reference);
        if (!index) table.refuse(key, fmt::format("there is no \"{}\"", reference));
        return index.value(); // refuse() has thrown otherwise
    }

    /// An optional reference: nullopt when the key is missing.
    template <class T>
    static Index refer_if_set(StrictTable& table, std::string_view key, const std::vector<T>& all) {
        if (!table.has(key)) return std::nullopt;
        return refer(table, key, all, table.required_text(key));
    }

    void read_project(StrictTable& table) {
        DevProject project;
        project.org = refer_if_set(table, "org", config_.orgs);
        add(table, config_.projects, std::move(project), "p");
    }

    void read_user(StrictTable& table) {
        DevUser user;
        user.login_name = table.required_text("login_name");
        user.password = Secret(table.required_text("password"));
        user.name = table.any_text("name", user.login_name);
        const auto role = table.any_text("role", "user");
        if (role != "user" && role != "admin")
            table.refuse("role", "must be \"user\" or \"admin\"");
        user.role = role == "admin" ? DevRole::admin : DevRole::user;
        for (const auto& other : config_.users)
            if (other.login_name == user.login_name)
                table.refuse("login_name", fmt::format("\"{}\" is taken already", user.login_name));
        config_.users.push_back(std::move(user));
    }

    void read_host_catalog(StrictTable& table) {
        DevHostCatalog catalog;
        catalog.project = refer_if_set(table, "project", config_.projects);
        add(table, config_.host_catalogs, std::move(catalog), "hcst");
    }

    void read_host(StrictTable& table) {
        DevHost host;
        host.catalog =
            refer(table, "catalog", config_.host_catalogs, table.required_text("catalog"));
        host.address = table.required_text("address");
        add(table, config_.hosts, std::move(host), "hst");
    }

    void read_host_set(StrictTable& table) {
        DevHostSet set;
        set.catalog =
            refer(table, "catalog", config_.host_catalogs, table.required_text("catalog"));
        for (const auto& name : table.texts("hosts")) {
            const auto host = refer(table, "hosts", config_.hosts, name);
            if (config_.hosts[host].catalog != set.catalog)
                table.refuse("hosts", fmt::format("\"{}\" is in another catalog", name));
            add_once(table, "hosts", set.hosts, host, name);
        }
        add(table, config_.host_sets, std::move(set), "hsst");
    }

    void read_credential_store(StrictTable& table) {
        DevCredentialStore store;
        store.project = refer_if_set(table, "project", config_.projects);
        add(table, config_.credential_stores, std::move(store), "csst");
    }

    void read_credential(StrictTable& table) {
        DevCredential credential;
        credential.store =
            refer(table, "store", config_.credential_stores, table.required_text("store"));
        const auto type = table.required_text("type");
        const char* prefix = "credup";
        if (type == "username_password") {
            credential.type = DevCredentialType::username_password;
            credential.username = table.required_text("username");
            credential.password = Secret(table.required_text("password"));
        } else if (type == "password") {
            prefix = "credp";
            credential.type = DevCredentialType::password;
            credential.password = Secret(table.required_text("password"));
        } else if (type == "ssh_private_key") {
            prefix = "credspk";
            credential.type = DevCredentialType::ssh_private_key;
            credential.username = table.required_text("username");
            credential.private_key = Secret(table.required_text("private_key"));
            credential.private_key_passphrase = Secret(table.any_text("private_key_passphrase"));
        } else if (type == "json") {
            prefix = "credjson";
            credential.type = DevCredentialType::json;
            credential.object = read_object(table);
        } else {
            table.refuse("type", "must be \"username_password\", \"password\", \"ssh_private_key\" "
                                 "or \"json\"");
        }
        add(table, config_.credentials, std::move(credential), prefix);
    }

    static Secret read_object(StrictTable& table) {
        const auto* object = table.table("object");
        if (object == nullptr) table.refuse("object", "is missing");
        std::ostringstream text;
        text << toml::json_formatter{*object};
        const auto parsed =
            agent::parse_json(text.str()); // toml++ indents; credentials travel compact
        if (!parsed) table.refuse("object", "does not fit into JSON");
        return Secret(agent::dump_json(*parsed));
    }

    void read_target(StrictTable& table) {
        DevTarget target;
        target.project = refer_if_set(table, "project", config_.projects);
        target.address = table.any_text("address");
        for (const auto& name : table.texts("host_sources")) {
            const auto set = refer(table, "host_sources", config_.host_sets, name);
            if (config_.host_catalogs[config_.host_sets[set].catalog].project != target.project)
                table.refuse("host_sources", fmt::format("\"{}\" is in another project", name));
            add_once(table, "host_sources", target.host_sources, set, name);
        }
        if (target.address.empty() == target.host_sources.empty())
            table.refuse("address", "a target has either an address or host_sources");
        for (const auto& name : table.texts("brokered_credentials")) {
            const auto credential = refer(table, "brokered_credentials", config_.credentials, name);
            if (config_.credential_stores[config_.credentials[credential].store].project !=
                target.project)
                table.refuse("brokered_credentials",
                             fmt::format("\"{}\" is in another project", name));
            add_once(table, "brokered_credentials", target.brokered_credentials, credential, name);
        }
        const auto port = table.number("default_port", 1, 65535);
        if (!port) table.refuse("default_port", "is missing");
        target.default_port = static_cast<std::uint16_t>(port.value());
        const auto client_port = table.number("default_client_port", 1, 65535);
        if (client_port) target.default_client_port = static_cast<std::uint16_t>(*client_port);
        target.session_max_seconds =
            table.number("session_max_seconds", 1, std::numeric_limits<std::int32_t>::max())
                .value_or(28800);
        const auto limit =
            table.number("session_connection_limit", -1, std::numeric_limits<std::int32_t>::max());
        if (limit == 0)
            table.refuse("session_connection_limit", "must be -1 (no limit) or at least 1");
        target.session_connection_limit = static_cast<std::int32_t>(limit.value_or(-1));
        add(table, config_.targets, std::move(target), "ttcp");
    }

    void read_alias(StrictTable& table) {
        DevAlias alias;
        alias.value = table.required_text("value");
        std::transform(alias.value.begin(), alias.value.end(), alias.value.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        alias.name = table.any_text("name");
        alias.id = read_id(table, "alt");
        alias.target = refer_if_set(table, "target", config_.targets);
        alias.host = refer_if_set(table, "host", config_.hosts);
        if (alias.host && !alias.target) table.refuse("host", "needs a target");
        if (alias.host && !reaches(config_.targets[*alias.target], *alias.host))
            table.refuse("host", "is not among the target's host sources");
        for (const auto& other : config_.aliases)
            if (other.value == alias.value)
                table.refuse("value", fmt::format("\"{}\" is taken already", alias.value));
        config_.aliases.push_back(std::move(alias));
    }

    bool reaches(const DevTarget& target, std::size_t host) const {
        return std::any_of(target.host_sources.begin(), target.host_sources.end(),
                           [&](std::size_t set) {
                               const auto& hosts = config_.host_sets[set].hosts;
                               return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
                           });
    }

    static void add_once(StrictTable& table, std::string_view key, std::vector<std::size_t>& all,
                         std::size_t index, const std::string& name) {
        if (std::find(all.begin(), all.end(), index) != all.end())
            table.refuse(key, fmt::format("\"{}\" is listed twice", name));
        all.push_back(index);
    }

    FirstProblem first_problem_;
    StrictTable root_;
    DevConfig config_;
};

agent::Error refused(std::string_view name, const toml::source_position& at, std::string_view why) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                       fmt::format("{}:{}:{}: {}", name, at.line, at.column, why));
}

} // namespace

Result<DevConfig> parse_config(std::string_view text, std::string_view name) {
    try {
        const toml::table root = toml::parse(text, name);
        return ConfigReader(root).read();
    } catch (const toml::parse_error& problem) {
        return refused(name, problem.source().begin, problem.description());
    } catch (const ConfigProblem& problem) {
        return refused(name, problem.at, problem.text);
    }
}

Result<DevConfig> load_config(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code ignored;
    if (!file || std::filesystem::is_directory(
                     path, ignored)) // a folder opens, and throws at the first read
        return agent::fail(agent::Errc::environment, agent::Hop::local,
                           fmt::format("cannot read {}", path.string()),
                           "Give -config the path of a readable TOML file.");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return parse_config(text, path.string());
}

} // namespace devserver
