#include "devserver/store/seed_auth_methods.hpp"

#include "base/random.hpp"

#include <utility>

namespace devserver {
namespace {

constexpr const char* callback = "/v1/auth-methods/oidc:authenticate:callback";

struct Method {
    const char* type;
    const char* prefix;
    const char* account_prefix;
    const char* key; ///< the attribute that says whose an account is
};
constexpr Method oidc{"oidc", "amoidc", "acctoidc", "subject"};
constexpr Method ldap{"ldap", "amldap", "acctldap", "login_name"};

class MethodSeeding {
  public:
    MethodSeeding(Store& store, const SeedOptions& options) : store_(store), options_(options) {}

    void add_oidc() {
        Json attributes;
        attributes["state"] = "active-public";
        attributes["issuer"] = options_.api_url;
        attributes["client_id"] = agent::random_base62(20);
        attributes["signing_algorithms"] = std::vector<std::string>{"EdDSA"};
        attributes["api_url_prefix"] = options_.api_url;
        attributes["callback_url"] = options_.api_url + callback;
        add(oidc, std::move(attributes));
        Json secret;
        secret["client_secret"] = agent::random_base62(20);
        store_.credentials.set_secret(id(oidc.prefix), Secret(agent::dump_json(secret)));
    }

    void add_ldap() {
        Json attributes;
        attributes["state"] = "active-public";
        attributes["discover_dn"] = true;
        attributes["urls"] = std::vector<std::string>{"ldap://localhost"};
        attributes["user_dn"] = "ou=people,dc=example,dc=org";
        attributes["group_dn"] = "ou=groups,dc=example,dc=org";
        add(ldap, std::move(attributes));
    }

  private:
    std::string id(const char* prefix) const {
        return std::string(prefix) + "_" + options_.id_suffix;
    }

    void add(const Method& method, Json attributes) {
        Resource row;
        row.id = id(method.prefix);
        row.kind = "auth-method";
        row.type = method.type;
        row.scope_id = "global";
        row.name = std::string("Generated global scope initial ") + method.type + " auth method";
        row.description =
            "Provides initial administrative and unprivileged authentication into Boundary";
        row.extra = std::move(attributes);
        store_.resources.create(std::move(row));
        add_account(method, options_.id_suffix, options_.login_name);
        add_account(method, options_.secondary_id_suffix, options_.unprivileged_login_name);
    }

    void add_account(const Method& method, const std::string& suffix, const std::string& name) {
        Resource row;
        row.id = std::string(method.account_prefix) + "_" + suffix;
        row.kind = "account";
        row.type = method.type;
        row.scope_id = "global";
        row.parent_id = id(method.prefix);
        row.owner_id = "u_" + suffix;
        row.unique_key = name;
        row.extra[method.key] = name;
        if (method.type == oidc.type) row.extra["issuer"] = options_.api_url;
        store_.resources.create(row);
        store_.resources.link(row.owner_id, "account", row.id);
    }

    Store& store_;
    const SeedOptions& options_;
};

} // namespace

void seed_auth_methods(Store& store, const SeedOptions& options) {
    MethodSeeding seeding(store, options);
    if (options.oidc_auth_method) seeding.add_oidc();
    if (options.ldap_auth_method) seeding.add_ldap();
}

} // namespace devserver
