// Roles: who they are for, what they grant, and where.

#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"
#include "devserver/grants/parse_grant.hpp"
#include "devserver/store/ids.hpp"

#include <algorithm>
#include <array>

namespace devserver {
namespace {

constexpr std::size_t max_role_texts = 1000;

std::vector<std::string> texts(const Resource& role, const char* name) {
    std::vector<std::string> list;
    if (const Json* member = agent::find_member(role.extra, name))
        for (const auto& one : *member)
            if (one.is_string()) list.push_back(one.get<std::string>());
    return list;
}

void put_grants(const Resource& role, Json& item) {
    const auto strings = texts(role, "grant_strings");
    if (strings.empty()) return;
    item["grant_strings"] = strings;
    Json& grants = item["grants"] = Json::array();
    for (const auto& text : strings) {
        Json one;
        one["raw"] = text;
        if (const auto grant = parse_grant(text)) {
            one["canonical"] = canonical_grant(*grant);
            one["json"] = grant_json(*grant);
        }
        grants.push_back(std::move(one));
    }
}

void put_principals(Call& call, const Resource& role, Json& item) {
    struct Kind {
        const char* kind;
        const char* shown;
    };
    static constexpr auto kinds = std::to_array<Kind>(
        {{"user", "user"}, {"group", "group"}, {"managed-group", "managed group"}});
    Json ids = Json::array();
    Json principals = Json::array();
    const auto linked = call.store.resources.linked(role.id, "principal");
    for (const auto& [kind, shown] : kinds)
        for (const auto& id : linked) {
            const auto principal = call.store.resources.find(id);
            if (!principal || principal->kind != kind) continue;
            ids.push_back(id);
            Json one;
            one["id"] = id;
            one["type"] = shown;
            one["scope_id"] = principal->scope_id;
            principals.push_back(std::move(one));
        }
    if (ids.empty()) return;
    item["principal_ids"] = std::move(ids);
    item["principals"] = std::move(principals);
}

/// Texts that a role keeps in itself: what they are called, and what is wrong with one of them.
struct Texts {
    const char* member;
    const char* action; ///< "add-", "set-" or "remove-" this
    const char* none;   ///< the complaint when there are none
    std::string (*complaint)(Call& call, const Resource& role, std::string& text);
};

enum class RoleChange { add, set, remove };

std::string grant_complaint(Call&, const Resource&, std::string& text) {
    const auto grant = parse_grant(text);
    if (!grant)
        return "Improperly formatted grant \"" + text + "\": " + grant.error().message + ".";
    if (grant->old_id)
        return "Grant \"" + text +
               "\" uses the \"id\" field which is no longer supported. Please use \"ids\" instead.";
    return {};
}

std::string scope_complaint(Call& call, const Resource& role, std::string& text) {
    if (text.empty()) return "Grant scope IDs must not be empty.";
    if (text == role.scope_id) text = "this";
    if (text == "this") return {};
    const auto role_scope = call.store.resources.find(role.scope_id);
    const auto type = role_scope ? role_scope->type : std::string();
    if (type == "project")
        return "Project scopes can only have their own scope ID or \"this\" as a grant scope ID.";
    if (text == "children") return {};
    if (text == "descendants" || text == "global")
        return type == "global"
                   ? ""
                   : "Grant scope ID \"" + text + "\" is not valid to set on an organization role.";
    const auto scope = call.store.resources.find(text);
    if (!scope || scope->kind != "scope") return "Unknown value \"" + text + "\".";
    if (type == "org" && scope->scope_id != role.scope_id)
        return "Grant scope ID \"" + text + "\" is not valid to set on an organization role.";
    return {};
}

constexpr Texts grants{"grant_strings", "grants", "Must be non-empty.", grant_complaint};
constexpr Texts grant_scopes{"grant_scope_ids", "grant-scopes", "Must be non-empty.",
                             scope_complaint};

Reply field_error(const char* member, const std::string& problem) {
    return invalid_argument("Errors in provided fields.", {{member, problem}});
}

/// The body's list; a refusal when it is none.
Refusal read_texts(Call& call, const Texts& kind, RoleChange change,
                   std::vector<std::string>& given) {
    const Json* list = agent::find_member(call.body, kind.member);
    if (list != nullptr && !list->is_array())
        return field_error(kind.member, "This field must be a list of texts.");
    if (list != nullptr)
        for (const auto& one : *list)
            given.push_back(one.is_string() ? one.get<std::string>() : std::string());
    if (given.empty() && change != RoleChange::set) return field_error(kind.member, kind.none);
    if (given.size() > max_role_texts) return field_error(kind.member, "These are too many.");
    return std::nullopt;
}

Reply change_texts(Call& call, Resource role, const Texts& kind, RoleChange change) {
    const char* verb = change == RoleChange::add   ? "add-"
                       : change == RoleChange::set ? "set-"
                                                   : "remove-";
    if (auto refusal = refuse_action(call, role, std::string(verb) + kind.action)) return *refusal;
    if (auto refusal = refuse_version(call, role)) return *refusal;
    std::vector<std::string> given;
    if (auto refusal = read_texts(call, kind, change, given)) return *refusal;
    auto present = texts(role, kind.member);
    for (auto& text : given) {
        if (change == RoleChange::remove) {
            if (text == role.scope_id && &kind == &grant_scopes) text = "this";
            if (std::ranges::find(present, text) == present.end())
                return field_error(kind.member, "\"" + text + "\" is not there.");
        } else if (const auto problem = kind.complaint(call, role, text); !problem.empty()) {
            return field_error(kind.member, problem);
        }
    }
    if (change == RoleChange::set) present.clear();
    for (const auto& text : given) {
        std::erase(present, text);
        if (change != RoleChange::remove) present.push_back(text);
    }
    if (present.size() > max_role_texts) return field_error(kind.member, "These are too many.");
    std::ranges::sort(present);
    role.extra[kind.member] = present;
    return {200, render(call, call.store.resources.update(role), true)};
}

} // namespace

Json role_fields(Call& call, const Resource& role, bool detail) {
    Json item = common_fields(call, role);
    if (const auto scopes = texts(role, "grant_scope_ids"); !scopes.empty())
        item["grant_scope_ids"] = scopes;
    if (detail) {
        put_principals(call, role, item);
        put_grants(role, item);
    }
    add_actions(call, role, item);
    return item;
}

void accept_role(Call&, Resource& role, bool creating, FieldErrors&) {
    if (creating) role.extra["grant_scope_ids"] = std::vector<std::string>{"this"};
}

Reply add_grants(Call& call, const Resource& role) {
    return change_texts(call, role, grants, RoleChange::add);
}
Reply set_grants(Call& call, const Resource& role) {
    return change_texts(call, role, grants, RoleChange::set);
}
Reply remove_grants(Call& call, const Resource& role) {
    return change_texts(call, role, grants, RoleChange::remove);
}
Reply add_grant_scopes(Call& call, const Resource& role) {
    return change_texts(call, role, grant_scopes, RoleChange::add);
}
Reply set_grant_scopes(Call& call, const Resource& role) {
    return change_texts(call, role, grant_scopes, RoleChange::set);
}
Reply remove_grant_scopes(Call& call, const Resource& role) {
    return change_texts(call, role, grant_scopes, RoleChange::remove);
}

} // namespace devserver
