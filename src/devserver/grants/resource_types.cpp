#include "devserver/grants/resource_types.hpp"

#include <algorithm>
#include <array>

namespace devserver {
namespace {

struct Type {
    std::string_view name;
    std::string_view parent; ///< empty: none
    bool listed = true;      ///< top level types have a collection of their own
};

constexpr auto types = std::to_array<Type>({
    {"scope", ""},
    {"user", ""},
    {"group", ""},
    {"role", ""},
    {"auth-method", ""},
    {"account", "auth-method"},
    {"managed-group", "auth-method"},
    {"auth-token", ""},
    {"host-catalog", ""},
    {"host-set", "host-catalog"},
    {"host", "host-catalog"},
    {"target", ""},
    {"worker", ""},
    {"session", ""},
    {"session-recording", ""},
    {"credential-store", ""},
    {"credential-library", "credential-store"},
    {"credential", "credential-store"},
    {"storage-bucket", ""},
    {"policy", ""},
    {"billing", "", false},
    {"alias", ""},
});

struct Prefix {
    std::string_view prefix;
    std::string_view type;
};

constexpr auto prefixes = std::to_array<Prefix>({
    {"at", "auth-token"},
    {"ampw", "auth-method"},
    {"amoidc", "auth-method"},
    {"amldap", "auth-method"},
    {"acctpw", "account"},
    {"apw", "account"},
    {"acctoidc", "account"},
    {"acctldap", "account"},
    {"mgoidc", "managed-group"},
    {"mgldap", "managed-group"},
    {"o", "scope"},
    {"p", "scope"},
    {"global", "scope"},
    {"u", "user"},
    {"g", "group"},
    {"r", "role"},
    {"csst", "credential-store"},
    {"cs", "credential-store"},
    {"csvlt", "credential-store"},
    {"clvlt", "credential-library"},
    {"clvsclt", "credential-library"},
    {"clvllt", "credential-library"},
    {"cred", "credential"},
    {"credup", "credential"},
    {"credupd", "credential"},
    {"credp", "credential"},
    {"credspk", "credential"},
    {"credjson", "credential"},
    {"cdvlt", "credential"},
    {"hcst", "host-catalog"},
    {"hc", "host-catalog"},
    {"hcplg", "host-catalog"},
    {"hsst", "host-set"},
    {"hs", "host-set"},
    {"hsplg", "host-set"},
    {"hst", "host"},
    {"h", "host"},
    {"hplg", "host"},
    {"s", "session"},
    {"ttcp", "target"},
    {"tssh", "target"},
    {"trdp", "target"},
    {"w", "worker"},
    {"sb", "storage-bucket"},
    {"sr", "session-recording"},
    {"cr", "session-recording"},
    {"chr", "session-recording"},
    {"pst", "policy"},
    {"alt", "alias"},
});

const Type* find(std::string_view name) {
    const auto* found = std::ranges::find(types, name, &Type::name);
    return found == types.end() ? nullptr : found;
}

} // namespace

bool is_resource_type(std::string_view name) {
    return find(name) != nullptr;
}

std::string_view parent_type(std::string_view type) {
    const Type* found = find(type);
    return found == nullptr || found->parent.empty() ? type : found->parent;
}

bool is_top_level(std::string_view type) {
    const Type* found = find(type);
    return found != nullptr && found->parent.empty() && found->listed;
}

bool has_child_types(std::string_view type) {
    return std::ranges::any_of(types, [&](const Type& one) { return one.parent == type; });
}

std::string_view type_of_id(std::string_view id) {
    const auto prefix = id.substr(0, id.find('_'));
    const auto* found = std::ranges::find(prefixes, prefix, &Prefix::prefix);
    return found == prefixes.end() ? std::string_view{} : found->type;
}

} // namespace devserver
