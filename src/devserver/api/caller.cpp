#include "devserver/api/caller.hpp"

#include "devserver/grants/parse_grant.hpp"

namespace devserver {
namespace {

constexpr const char* roles_of =
    "SELECT DISTINCT resource.scope_id, resource.extra FROM link JOIN resource ON resource.id = "
    "link.from_id WHERE link.kind = 'principal' AND link.to_id IN (SELECT value FROM json_each(?))";

// As whom a caller holds roles: everybody, everybody who has logged in, the user, its groups.
Json principals(Store& store, const Caller& caller) {
    Json list = Json::array({"u_anon"});
    if (caller.anonymous()) return list;
    list.push_back("u_auth");
    list.push_back(caller.user_id);
    for (const auto& group : store.resources.linked_from(caller.user_id, "member"))
        list.push_back(group);
    return list;
}

std::vector<std::string> texts(const Json& extra, const char* name) {
    std::vector<std::string> list;
    if (const Json* member = agent::find_member(extra, name); member && member->is_array())
        for (const auto& one : *member)
            if (one.is_string()) list.push_back(one.get<std::string>());
    return list;
}

void add_grants(Store& store, Caller& caller) {
    auto row = store.database.query(roles_of, agent::dump_json(principals(store, caller)));
    while (row.step()) {
        const auto extra = agent::parse_json(row.text(1));
        if (!extra) continue;
        const auto scopes = texts(*extra, "grant_scope_ids");
        for (const auto& text : texts(*extra, "grant_strings")) {
            const auto grant = parse_grant(text);
            if (!grant) continue; // of an older server: it grants nothing
            for (const auto& scope : scopes) caller.acl.add(*grant, {row.text(0), scope});
        }
    }
}

} // namespace

Caller identify(Store& store, std::string_view authorization) {
    constexpr std::string_view bearer = "Bearer ";
    Caller caller;
    if (authorization.starts_with(bearer))
        if (const auto token = store.authenticate(authorization.substr(bearer.size())))
            caller = {token->user_id, token->id, Acl(token->user_id, token->account_id, false)};
    add_grants(store, caller);
    return caller;
}

} // namespace devserver
