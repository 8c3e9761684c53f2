#include "devserver/api/auth_method_attributes.hpp"

#include <array>
#include <limits>

namespace devserver {
namespace {

using Type = Attribute::Type;
constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
constexpr const char* required = "This field is required.";

const std::vector<Attribute>& of_password() {
    static const std::vector<Attribute> table = {
        {.name = "min_login_name_length", .type = Type::number, .lowest = 1, .highest = most},
        {.name = "min_password_length", .type = Type::number, .lowest = 1, .highest = most},
    };
    return table;
}

const std::vector<Attribute>& of_oidc() {
    constexpr const char* client = "Field required for creating an OIDC auth method.";
    static const std::vector<Attribute> table = {
        {.name = "account_claim_maps", .type = Type::texts},
        {.name = "allowed_audiences", .type = Type::texts},
        {.name = "api_url_prefix", .type = Type::url, .missing = required},
        {.name = "callback_url", .read_only = true},
        {.name = "claims_scopes", .type = Type::texts},
        {.name = "client_id", .missing = client},
        {.name = "client_secret", .type = Type::secret, .missing = client},
        {.name = "disable_discovered_config_validation", .type = Type::flag},
        {.name = "dry_run", .type = Type::flag},
        {.name = "idp_ca_certs", .type = Type::texts},
        {.name = "issuer", .type = Type::url},
        {.name = "max_age", .type = Type::number, .lowest = 0, .highest = most},
        {.name = "prompts",
         .type = Type::texts,
         .choices = {"none", "login", "consent", "select_account"}},
        {.name = "signing_algorithms",
         .type = Type::texts,
         .choices = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384",
                     "PS512", "EdDSA"}},
        {.name = "state", .read_only = true},
    };
    return table;
}

const std::vector<Attribute>& of_ldap() {
    static const std::vector<Attribute> table = {
        {.name = "account_attribute_maps", .type = Type::texts},
        {.name = "anon_group_search", .type = Type::flag},
        {.name = "bind_dn"},
        {.name = "bind_password", .type = Type::secret},
        {.name = "certificates", .type = Type::texts},
        {.name = "client_certificate"},
        {.name = "client_certificate_key", .type = Type::secret},
        {.name = "dereference_aliases",
         .choices = {"NeverDerefAliases", "DerefInSearching", "DerefFindingBaseObj",
                     "DerefAlways"}},
        {.name = "discover_dn", .type = Type::flag},
        {.name = "enable_groups", .type = Type::flag},
        {.name = "group_attr"},
        {.name = "group_dn"},
        {.name = "group_filter"},
        {.name = "insecure_tls", .type = Type::flag},
        {.name = "maximum_page_size", .type = Type::number, .lowest = 0, .highest = most},
        {.name = "start_tls", .type = Type::flag},
        {.name = "state", .choices = {"inactive", "active-private", "active-public"}},
        {.name = "upn_domain"},
        {.name = "urls", .type = Type::texts, .missing = "At least one URL is required"},
        {.name = "use_token_groups", .type = Type::flag},
        {.name = "user_attr"},
        {.name = "user_dn"},
        {.name = "user_filter"},
    };
    return table;
}

} // namespace

Attributes auth_method_attributes(std::string_view type) {
    if (type == "oidc") return of_oidc();
    return type == "ldap" ? of_ldap() : of_password();
}

Attributes account_attributes(std::string_view type) {
    static const std::vector<Attribute> oidc = {
        {.name = "email", .read_only = true},
        {.name = "full_name", .read_only = true},
        {.name = "issuer", .type = Type::url},
        {.name = "subject", .missing = required},
    };
    static const std::vector<Attribute> ldap = {
        {.name = "dn", .read_only = true},
        {.name = "email", .read_only = true},
        {.name = "full_name", .read_only = true},
        {.name = "login_name", .missing = required},
    };
    return type == "oidc" ? oidc : ldap;
}

Attributes managed_group_attributes(std::string_view type) {
    static const std::vector<Attribute> oidc = {{.name = "filter", .missing = required}};
    static const std::vector<Attribute> ldap = {
        {.name = "group_names", .type = Type::texts, .missing = required}};
    return type == "oidc" ? oidc : ldap;
}

} // namespace devserver
