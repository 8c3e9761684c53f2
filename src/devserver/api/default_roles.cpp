#include "devserver/api/default_roles.hpp"

#include "devserver/store/ids.hpp"

namespace devserver {
namespace {

struct NewRole {
    std::string name;
    std::string description;
    std::vector<std::string> grants;
    std::string principal;
};

void add(Call& call, const Resource& scope, NewRole wanted) {
    Resource role;
    role.id = new_id("r");
    role.kind = "role";
    role.scope_id = scope.id;
    role.name = std::move(wanted.name);
    role.description = std::move(wanted.description);
    role.extra["grant_scope_ids"] = std::vector<std::string>{"this"};
    role.extra["grant_strings"] = std::move(wanted.grants);
    call.store.resources.create(role);
    call.store.resources.link(role.id, "principal", wanted.principal);
}

} // namespace

void add_admin_role(Call& call, const Resource& scope) {
    if (call.caller.anonymous()) return;
    const auto& user = call.caller.user_id;
    add(call, scope,
        {"Administration",
         "Role created for administration of scope " + scope.id + " by user " + user +
             " at its creation time",
         {"ids=*;type=*;actions=*"},
         user});
}

void add_default_role(Call& call, const Resource& scope) {
    if (scope.type == "project")
        add(call, scope,
            {"Default Grants",
             "Role created to provide default grants to users of scope " + scope.id +
                 " at its creation time",
             {"ids=*;type=session;actions=cancel:self,list,read:self", "type=target;actions=list"},
             "u_auth"});
    else
        add(call, scope,
            {"Login and Default Grants",
             "Role created for login capability, account self-management, and other default "
             "grants for users of scope " +
                 scope.id + " at its creation time",
             {"ids=*;type=auth-method;actions=authenticate,list",
              "ids=*;type=auth-token;actions=delete:self,list,read:self",
              "ids=*;type=scope;actions=list,no-op",
              "ids={{.Account.Id}};actions=change-password,read"},
             "u_anon"});
}

} // namespace devserver
