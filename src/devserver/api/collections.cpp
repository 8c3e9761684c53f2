// The table of everything the API serves. A kind's own words are in the file named after it.

#include "devserver/api/collections.hpp"

namespace devserver {

const std::vector<Collection>& collections() {
    using Scopes = Collection::Scopes;
    static const std::vector<Collection> all = {
        {.path = "scopes",
         .kind = "scope",
         .prefixes = {"o", "p", "global"},
         .scopes = Scopes::global_or_org,
         .fields = scope_fields,
         .accept = accept_scope,
         .deletable = true},
        {.path = "auth-methods",
         .kind = "auth-method",
         .prefixes = {"ampw"},
         .scopes = Scopes::global_or_org,
         .fields = auth_method_fields,
         .actions = {{"authenticate", authenticate}}},
        {.path = "accounts",
         .kind = "account",
         .prefixes = {"acctpw"},
         .parent_parameter = "auth_method_id",
         .fields = account_fields,
         .accept = accept_account,
         .written = write_account,
         .actions = {{"set-password", set_password}, {"change-password", change_password}},
         .deletable = true},
        {.path = "auth-tokens",
         .kind = "auth-token",
         .prefixes = {"at"},
         .scopes = Scopes::global_or_org,
         .fields = auth_token_fields,
         .deletable = true},
        {.path = "users",
         .kind = "user",
         .prefixes = {"u"},
         .scopes = Scopes::global_or_org,
         .fields = user_fields,
         .accept = accept_user,
         .actions = {{"add-accounts", add_accounts},
                     {"set-accounts", set_accounts},
                     {"remove-accounts", remove_accounts},
                     {"list-resolvable-aliases", list_resolvable_aliases}},
         .deletable = true},
        {.path = "groups", .kind = "group", .prefixes = {"g"}, .fields = group_fields},
        {.path = "roles", .kind = "role", .prefixes = {"r"}, .fields = role_fields},
        {.path = "workers", .kind = "worker", .prefixes = {"w"}, .scopes = Scopes::global, .fields = worker_fields},
        {.path = "aliases",
         .kind = "alias",
         .prefixes = {"alt"},
         .scopes = Scopes::global,
         .fields = alias_fields,
         .accept = accept_alias,
         .deletable = true},
        {.path = "host-catalogs",
         .kind = "host-catalog",
         .prefixes = {"hcst"},
         .scopes = Scopes::project,
         .fields = host_catalog_fields,
         .accept = accept_static,
         .deletable = true},
        {.path = "host-sets",
         .kind = "host-set",
         .prefixes = {"hsst"},
         .parent_parameter = "host_catalog_id",
         .fields = host_set_fields,
         .accept = accept_static,
         .actions = {{"add-hosts", add_hosts}, {"set-hosts", set_hosts}, {"remove-hosts", remove_hosts}},
         .deletable = true},
        {.path = "hosts",
         .kind = "host",
         .prefixes = {"hst"},
         .parent_parameter = "host_catalog_id",
         .fields = host_fields,
         .accept = accept_host,
         .deletable = true},
        {.path = "targets",
         .kind = "target",
         .prefixes = {"ttcp"},
         .scopes = Scopes::project,
         .fields = target_fields,
         .accept = accept_target,
         .written = write_target,
         .actions = {{"authorize-session", nullptr},
                     {"add-host-sources", add_host_sources},
                     {"set-host-sources", set_host_sources},
                     {"remove-host-sources", remove_host_sources},
                     {"add-credential-sources", add_credential_sources},
                     {"set-credential-sources", set_credential_sources},
                     {"remove-credential-sources", remove_credential_sources}},
         .deletable = true,
         .by_reference = authorize_session},
        {.path = "sessions",
         .kind = "session",
         .prefixes = {"s"},
         .scopes = Scopes::project,
         .fields = session_fields,
         .actions = {{"cancel", cancel_session}}},
        {.path = "credential-stores",
         .kind = "credential-store",
         .prefixes = {"csst"},
         .scopes = Scopes::project,
         .fields = credential_store_fields,
         .accept = accept_static,
         .deletable = true},
        {.path = "credential-libraries",
         .kind = "credential-library",
         .prefixes = {"clvlt", "clvsclt"},
         .parent_parameter = "credential_store_id",
         .fields = credential_store_fields},
        {.path = "credentials",
         .kind = "credential",
         .prefixes = {"credup", "credspk", "credjson"},
         .parent_parameter = "credential_store_id",
         .fields = credential_fields,
         .accept = accept_credential,
         .written = write_credential,
         .deletable = true},
    };
    return all;
}

bool fits_into(const Collection& collection, const Resource& scope) {
    switch (collection.scopes) {
    case Collection::Scopes::project:
        return scope.type == "project";
    case Collection::Scopes::global_or_org:
        return scope.type != "project";
    case Collection::Scopes::global:
        return scope.type == "global";
    case Collection::Scopes::any:
        break;
    }
    return true;
}

} // namespace devserver
