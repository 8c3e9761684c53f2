#include "devserver/grants/acl.hpp"

#include "devserver/grants/parse_grant.hpp"
#include "devserver/grants/resource_types.hpp"

#include <algorithm>
#include <cstdint>

namespace devserver {
namespace {

const ActionSet& of_single_resources() {
    static const ActionSet set = ~collection_actions();
    return set;
}

/// What an anonymous caller may ever do with this type.
const ActionSet& for_anonymous(std::string_view type) {
    static const ActionSet scopes = action_set({"list", "no-op"});
    static const ActionSet auth_methods = action_set({"list", "no-op", "authenticate"});
    static const ActionSet nothing;
    if (type == "scope") return scopes;
    return type == "auth-method" ? auth_methods : nothing;
}

} // namespace

void Acl::add(const Grant& grant, const GrantPlace& place) {
    Rule rule;
    rule.scope_id = place.role_scope;
    if (place.grant_scope == "children")
        rule.reach = Rule::Reach::children;
    else if (place.grant_scope == "descendants")
        rule.reach = Rule::Reach::descendants;
    else if (place.grant_scope != "this")
        rule.scope_id = place.grant_scope;
    rule.type = grant.type;
    rule.actions = grant.every_action ? all_actions() : with_subactions(grant.actions);
    rule.fields = grant.output_fields;
    names_fields_ = names_fields_ || rule.fields.has_value();
    if (grant.ids.empty()) rules_.push_back(rule);
    for (const auto& id : grant.ids) {
        rule.id = id;
        if (id.starts_with("{{")) rule.id = type_of_grant_id(id) == "user" ? user_id_ : account_id_;
        if (!rule.id.empty()) rules_.push_back(rule); // nobody's account is no account
    }
}

bool Acl::reaches(const Rule& rule, const Asked& asked) {
    switch (rule.reach) {
    case Rule::Reach::scope:
        return rule.scope_id == asked.scope_id;
    case Rule::Reach::children:
        return rule.scope_id == asked.parent_scope_id;
    case Rule::Reach::descendants:
        break;
    }
    return asked.scope_id != "global";
}

ActionSet Acl::speaks_of(const Rule& rule, const Asked& asked, bool anonymous, bool& matches) {
    matches = false;
    if (!reaches(rule, asked)) return {};
    const bool same_type = rule.type == asked.type;
    if (anonymous) {
        const auto& possible = for_anonymous(asked.type);
        matches = same_type && possible.any();
        return matches ? rule.actions & possible : ActionSet{};
    }
    const bool every = rule.id == "*" && (same_type || rule.type == "*");
    const bool below = !rule.id.empty() && rule.id == asked.parent_id &&
                       (same_type || rule.type == "*") && !is_top_level(asked.type);
    matches = every || below;
    if (matches) return rule.actions;
    if (!rule.id.empty() && rule.id == asked.id && (rule.type.empty() || same_type)) {
        matches = true;
        return rule.actions & of_single_resources();
    }
    if (rule.id.empty() && asked.id.empty() && same_type && is_top_level(asked.type)) {
        matches = true;
        return rule.actions & collection_actions();
    }
    return {};
}

ActionSet Acl::allowed(const Asked& asked, bool anonymous) const {
    ActionSet set;
    bool matches = false;
    for (const auto& rule : rules_) set |= speaks_of(rule, asked, anonymous, matches);
    return set;
}

bool Acl::reaches_any(const Asked& asked, const ActionSet& actions) const {
    return std::ranges::any_of(rules_, [&](const Rule& rule) {
        const auto type = rule.type.empty() ? type_of_id(rule.id) : std::string_view(rule.type);
        return (type == asked.type || type == "*") && reaches(rule, asked) &&
               (rule.actions & actions).any();
    });
}

OutputFields Acl::output_fields(const Asked& asked, const ActionSet& actions) const {
    OutputFields fields;
    for (const auto& rule : rules_) {
        if (!rule.fields) continue;
        bool matches = false;
        const auto granted = speaks_of(rule, asked, anonymous_, matches);
        if (matches && (rule.actions.none() || (granted & actions).any())) fields.add(*rule.fields);
    }
    if (!fields.named() && anonymous_) return OutputFields::for_anonymous();
    return fields;
}

std::string Acl::fingerprint() const {
    std::vector<std::string> lines;
    for (const auto& rule : rules_) {
        auto line = std::to_string(static_cast<int>(rule.reach)) + " " + rule.scope_id + " " +
                    rule.id + " " + rule.type + " " + rule.actions.to_string();
        if (rule.fields) {
            line += " ;";
            for (const auto& field : *rule.fields) line += field + ",";
        }
        lines.push_back(std::move(line));
    }
    std::ranges::sort(lines);
    std::uint64_t hash =
        14695981039346656037U; // FNV-1a: the same in every process, unlike std::hash
    for (const auto& line : lines)
        for (const char c : line + "\n")
            hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return std::to_string(hash);
}

} // namespace devserver
