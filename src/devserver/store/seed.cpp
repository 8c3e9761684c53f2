#include "devserver/store/seed.hpp"

#include "devserver/store/ids.hpp"
#include "devserver/store/seed_auth_methods.hpp"

#include <utility>
#include <vector>

namespace devserver {
namespace {

class Seeding {
  public:
    Seeding(Store& store, const SeedOptions& options) : store_(store), options_(options) {}

    void defaults();
    void declared(const DevConfig& config);

  private:
    std::string id(const std::string& prefix) const { return prefix + "_" + options_.id_suffix; }
    std::string second_id(const std::string& prefix) const {
        return prefix + "_" + options_.secondary_id_suffix;
    }

    std::string add(std::string id, std::string kind, std::string type, std::string scope,
                    std::string name, std::string description, Json extra = Json::object(),
                    std::string parent = {}) {
        Resource resource;
        resource.id = std::move(id);
        resource.kind = std::move(kind);
        resource.type = std::move(type);
        resource.scope_id = std::move(scope);
        resource.parent_id = std::move(parent);
        if (!name.empty()) resource.name = std::move(name);
        if (!description.empty()) resource.description = std::move(description);
        resource.extra = std::move(extra);
        return store_.resources.create(std::move(resource)).id;
    }
    std::string declared_id(const DevResource& resource, std::string_view prefix) {
        return resource.id.empty() ? new_id(prefix) : resource.id;
    }
    struct NewUser {
        std::string id;
        std::string account_id;
        std::string name;
        std::string description;
    };
    void add_user(const NewUser& wanted, const std::string& login, const Secret& password,
                  bool admin);
    void add_role(const std::string& role, const std::string& name, const std::string& description,
                  std::vector<std::string> grants, const std::vector<std::string>& principals);
    Json target_fields(std::uint16_t port) const {
        Json extra;
        extra["session_max_seconds"] = options_.session_max_seconds;
        extra["session_connection_limit"] = options_.session_connection_limit;
        extra["default_port"] = port;
        return extra;
    }
    void add_alias(const std::string& id, const std::string& value, const std::string& name,
                   const std::string& target, const std::string& host);

    Store& store_;
    const SeedOptions& options_;
};

void Seeding::add_user(const NewUser& wanted, const std::string& login, const Secret& password,
                       bool admin) {
    const auto& user = wanted.id;
    const auto& account = wanted.account_id;
    add(user, "user", "", "global", wanted.name, wanted.description);
    Resource row;
    row.id = account;
    row.kind = "account";
    row.type = "password";
    row.scope_id = "global";
    row.parent_id = id("ampw");
    row.owner_id = user;
    row.unique_key = login;
    store_.resources.create(std::move(row));
    store_.accounts.set_password(account, password);
    store_.resources.link(user, "account", account);
    if (admin) store_.resources.link(id("r"), "principal", user);
}

void Seeding::add_role(const std::string& role, const std::string& name,
                       const std::string& description, std::vector<std::string> grants,
                       const std::vector<std::string>& principals) {
    Json extra;
    extra["grant_strings"] = std::move(grants);
    extra["grant_scope_ids"] = std::vector<std::string>{"this", "descendants"};
    add(role, "role", "", "global", name, description, extra);
    for (const auto& principal : principals) store_.resources.link(role, "principal", principal);
}

void Seeding::add_alias(const std::string& alias, const std::string& value, const std::string& name,
                        const std::string& target, const std::string& host) {
    Resource row;
    row.id = alias;
    row.kind = "alias";
    row.type = "target";
    row.scope_id = "global";
    if (!name.empty()) row.name = name;
    row.unique_key = value;
    if (!target.empty()) row.extra["destination_id"] = target;
    if (!host.empty()) row.extra["host_id"] = host;
    store_.resources.create(std::move(row));
}

void Seeding::defaults() {
    add("global", "scope", "global", "", "global", "Global Scope",
        Json{{"primary_auth_method_id", id("ampw")}});
    Json login;
    login["min_login_name_length"] = 3;
    login["min_password_length"] = 8;
    add(id("ampw"), "auth-method", "password", "global",
        "Generated global scope initial password auth method",
        "Provides initial administrative and unprivileged authentication into Boundary", login);
    add_role(id("r"), "Administration",
             "Provides admin grants within all scopes to the initial admin user",
             {"ids=*;type=*;actions=*"}, {});
    add_role(
        new_id("r"), "Login Grants", "Role created for login capability for unauthenticated users",
        {"ids=*;type=scope;actions=list,no-op", "ids=*;type=auth-method;actions=list,authenticate",
         "ids=*;type=auth-token;actions=read:self,delete:self"},
        {"u_anon"});
    add_role(
        new_id("r"), "Authenticated User Grants",
        "Role created for account self-management, and other initial authenticated user grants",
        {"ids=*;type=scope;actions=read", "ids=*;type=auth-token;actions=list",
         "ids={{.Account.Id}};actions=read,change-password",
         "ids=*;type=session;actions=list,read:self,cancel:self",
         "ids={{.User.Id}};type=user;actions=list-resolvable-aliases",
         "ids=*;type=target;actions=list,read,authorize-session"},
        {"u_auth"});
    add("u_anon", "user", "", "global", "anonymous",
        "The anonymous user matches any request, whether authenticated or not");
    add("u_auth", "user", "", "global", "authenticated",
        "The authenticated user matches any user that has a valid token");
    add("u_recovery", "user", "", "global", "recovery",
        "The recovery user is used for any request that was performed with the recovery KMS "
        "workflow");
    add_user({id("u"), id("acctpw"), "admin", "Initial admin user within the \"global\" scope"},
             options_.login_name, options_.password, true);
    add_user({second_id("u"), second_id("acctpw"), "user", "Initial unprivileged user"},
             options_.unprivileged_login_name, options_.unprivileged_password, false);
    seed_auth_methods(store_, options_);

    add(id("o"), "scope", "org", "global", "Generated org scope",
        "Provides an initial org scope in Boundary");
    const auto project = add(id("p"), "scope", "project", id("o"), "Generated project scope",
                             "Provides an initial project scope in Boundary");
    const auto catalog =
        add(id("hcst"), "host-catalog", "static", project, "Generated host catalog",
            "Provides an initial host catalog in Boundary");
    add(id("hst"), "host", "static", project, "Generated host",
        "Provides an initial host in Boundary", Json{{"address", options_.host_address}}, catalog);
    add(id("hsst"), "host-set", "static", project, "Generated host set",
        "Provides an initial host set in Boundary", Json::object(), catalog);
    store_.resources.link(id("hsst"), "host", id("hst"));

    Json direct = target_fields(options_.target_default_port);
    direct["address"] = "127.0.0.1";
    add(id("ttcp"), "target", "tcp", project, "Generated target with a direct address",
        "Provides an initial target using an address in Boundary", direct);
    add(second_id("ttcp"), "target", "tcp", project, "Generated target using host sources",
        "Provides a target using host sources in Boundary",
        target_fields(options_.target_default_port));
    store_.resources.link(second_id("ttcp"), "host-source", id("hsst"));
    const auto ssh = add(
        new_id("ttcp"), "target", "tcp", project, "Generated localhost ssh target with an alias",
        "Provides an initial localhost target to SSH to using an alias in Boundary", direct);
    add_alias(new_id("alt"), "ssh.boundary.dev", "", ssh, "");
    Json tags;
    tags["type"] = std::vector<std::string>{"dev", "local"};
    add(id("w"), "worker", "pki", "global", "", "", Json{{"tags", tags}});
}

void Seeding::declared(const DevConfig& config) {
    std::vector<std::string> orgs, projects, catalogs, hosts, sets, stores, credentials, targets;
    const auto project_of = [&](const std::optional<std::size_t>& index) {
        return index ? projects[*index] : id("p");
    };
    const auto scope_of = [&](const std::string& resource_id) {
        return store_.resources.find(resource_id).value().scope_id;
    };

    for (const auto& org : config.orgs)
        orgs.push_back(
            add(declared_id(org, "o"), "scope", "org", "global", org.name, org.description));
    for (const auto& project : config.projects)
        projects.push_back(add(declared_id(project, "p"), "scope", "project",
                               project.org ? orgs[*project.org] : id("o"), project.name,
                               project.description));
    for (const auto& user : config.users)
        add_user(
            {new_id("u"), new_id("acctpw"), user.name.empty() ? user.login_name : user.name, ""},
            user.login_name, user.password, user.role == DevRole::admin);
    for (const auto& catalog : config.host_catalogs)
        catalogs.push_back(add(declared_id(catalog, "hcst"), "host-catalog", "static",
                               project_of(catalog.project), catalog.name, catalog.description));
    for (const auto& host : config.hosts)
        hosts.push_back(add(declared_id(host, "hst"), "host", "static",
                            scope_of(catalogs[host.catalog]), host.name, host.description,
                            Json{{"address", host.address}}, catalogs[host.catalog]));
    for (const auto& set : config.host_sets) {
        sets.push_back(add(declared_id(set, "hsst"), "host-set", "static",
                           scope_of(catalogs[set.catalog]), set.name, set.description,
                           Json::object(), catalogs[set.catalog]));
        for (const auto host : set.hosts) store_.resources.link(sets.back(), "host", hosts[host]);
    }
    for (const auto& store : config.credential_stores)
        stores.push_back(add(declared_id(store, "csst"), "credential-store", "static",
                             project_of(store.project), store.name, store.description));
    for (const auto& credential : config.credentials) {
        Json secret = Json::object();
        Json shown = Json::object();
        std::string prefix = "credup";
        std::string type = "username_password";
        if (credential.type == DevCredentialType::json) {
            prefix = "credjson";
            type = "json";
            secret = agent::parse_json(credential.object.reveal()).value();
        } else if (credential.type == DevCredentialType::password) {
            prefix = "credp";
            type = "password";
            secret["password"] = std::string(credential.password.reveal());
        } else {
            secret["username"] = shown["username"] = credential.username;
            if (credential.type == DevCredentialType::username_password)
                secret["password"] = std::string(credential.password.reveal());
            else {
                prefix = "credspk";
                type = "ssh_private_key";
                secret["private_key"] = std::string(credential.private_key.reveal());
                if (!credential.private_key_passphrase.empty())
                    secret["private_key_passphrase"] =
                        std::string(credential.private_key_passphrase.reveal());
            }
        }
        credentials.push_back(add(declared_id(credential, prefix), "credential", type,
                                  scope_of(stores[credential.store]), credential.name,
                                  credential.description, shown, stores[credential.store]));
        store_.credentials.set_secret(credentials.back(), Secret(agent::dump_json(secret)));
    }
    for (const auto& target : config.targets) {
        Json extra;
        extra["session_max_seconds"] = target.session_max_seconds;
        extra["session_connection_limit"] = target.session_connection_limit;
        if (target.default_port != 0) extra["default_port"] = target.default_port;
        if (target.default_client_port) extra["default_client_port"] = *target.default_client_port;
        if (!target.address.empty()) extra["address"] = target.address;
        targets.push_back(add(declared_id(target, "ttcp"), "target", "tcp",
                              project_of(target.project), target.name, target.description, extra));
        for (const auto set : target.host_sources)
            store_.resources.link(targets.back(), "host-source", sets[set]);
        for (const auto credential : target.brokered_credentials)
            store_.resources.link(targets.back(), "credential-source", credentials[credential]);
    }
    for (const auto& alias : config.aliases)
        add_alias(alias.id.empty() ? new_id("alt") : alias.id, alias.value, alias.name,
                  alias.target ? targets[*alias.target] : "", alias.host ? hosts[*alias.host] : "");
}

} // namespace

void seed(Store& store, const SeedOptions& options, const DevConfig& config) {
    Transaction transaction(store.database);
    Seeding seeding(store, options);
    seeding.defaults();
    seeding.declared(config);
    store.set_setting("id_suffix", options.id_suffix);
    store.set_setting("secondary_id_suffix", options.secondary_id_suffix);
    transaction.commit();
}

} // namespace devserver
