#include "devserver/api/listing.hpp"

#include "devserver/api/crud.hpp"
#include "devserver/api/list_token.hpp"
#include "devserver/api/permissions.hpp"
#include "devserver/filter/filter.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace devserver {
namespace {

constexpr std::size_t max_page_size = 1000;
// A refresh looks back further than the last one, because a change may be written with an earlier
// time than it is seen.
constexpr auto look_back = std::chrono::seconds(30);

struct Page {
    std::vector<Json> items;
    bool complete = true;
    WallTime last_time;
    std::string last_id;
};

Page read_page(Store& store, const ListPlan& plan, const std::optional<Filter>& filter,
               std::size_t size) {
    Page page;
    ListCursor cursor(store.database, plan.query);
    while (const auto resource = cursor.next()) {
        auto item = plan.render(*resource);
        if (!item) continue;
        if (filter && !filter->matches(*item)) continue;
        if (page.items.size() == size) {
            page.complete = false;
            break;
        }
        page.items.push_back(std::move(*item));
        page.last_time = plan.query.by_updated ? resource->updated : resource->created;
        page.last_id = resource->id;
    }
    return page;
}

std::optional<std::size_t> page_size(const std::string& text) {
    if (text.empty()) return max_page_size;
    std::int64_t size = 0;
    const auto end = text.data() + text.size();
    if (const auto [stop, ec] = std::from_chars(text.data(), end, size);
        ec != std::errc() || stop != end || size < 0)
        return std::nullopt;
    if (size == 0 || size > static_cast<std::int64_t>(max_page_size)) return max_page_size;
    return static_cast<std::size_t>(size);
}

const char* scope_complaint(const Collection& collection) {
    if (collection.scopes == Collection::Scopes::project)
        return "This field must be a valid project scope ID or the list operation must be "
               "recursive.";
    if (collection.scopes == Collection::Scopes::global) return "This field must be 'global'.";
    return "This field must be 'global' or a valid org scope ID, or the list operation must be "
           "recursive.";
}

Reply improper_identifier(const std::string& field, const char* description) {
    return invalid_argument("Improperly formatted identifier.", {{field, description}});
}

// Which rows a list starts from, and whether this caller may.
Refusal plan_parent(Call& call, const Collection& collection, ListQuery& query) {
    const std::string name(collection.parent_parameter);
    const auto id = call.parameter(name);
    if (id.empty()) return improper_identifier(name, "This field is required.");
    const auto parent = call.store.resources.find(id);
    if (!parent || parent->kind == "scope") return not_found();
    query.parent_id = id;
    return refuse_in_scope(call, parent->scope_id, query.kind, "list", id);
}

Refusal plan_scope(Call& call, const Collection& collection, ListQuery& query) {
    const bool recursive = call.parameter("recursive") == "true";
    auto id = call.parameter("scope_id");
    if (id.empty() && (recursive || collection.kind == "scope")) id = "global";
    if (id.empty()) return improper_identifier("scope_id", scope_complaint(collection));
    const auto scope = call.store.resources.find(id);
    const bool scope_shaped = id == "global" || id.starts_with("o_") || id.starts_with("p_");
    if (!scope_shaped) return improper_identifier("scope_id", scope_complaint(collection));
    if (!scope || scope->kind != "scope") return not_found();
    if (!recursive && !fits_into(collection, *scope))
        return improper_identifier("scope_id", scope_complaint(collection));
    query.scopes = recursive ? scopes_from(call.store, id) : std::vector<std::string>{id};
    auto refusal = recursive ? keep_listable(call, query.kind, query.scopes)
                             : refuse_in_scope(call, id, query.kind, "list");
    if (!refusal && lists_own_only(call, query.kind, query.scopes))
        query.owner_id = call.caller.user_id;
    return refusal;
}

} // namespace

std::vector<std::string> scopes_from(Store& store, const std::string& scope_id) {
    std::vector<std::string> found{scope_id};
    for (std::size_t i = 0; i < found.size(); ++i)
        for (auto& inside : store.resources.scopes_in(found[i])) found.push_back(std::move(inside));
    return found;
}

Reply run_list(Call& call, ListPlan plan) {
    const auto size = page_size(call.parameter("page_size"));
    if (!size)
        return invalid_fields({{"page_size", "This field must be a whole number, not negative."}});
    std::optional<Filter> filter;
    if (const auto text = call.parameter("filter"); !text.empty()) {
        auto parsed = parse_filter(text);
        if (!parsed) return invalid_fields({{"filter", parsed.error().message}});
        filter = std::move(*parsed);
    }

    const auto now = to_microseconds(call.store.now());
    ListToken token;
    token.kind = plan.token_kind;
    token.permissions = call.caller.user_id + "/" + call.caller.acl.fingerprint();
    token.created = token.phase_started = now;
    const auto given = call.parameter("list_token");
    if (!given.empty()) {
        auto decoded = decode_list_token(call.store, given, token.kind, token.permissions);
        if (!decoded) return invalid_list_token(decoded.error().message);
        token = std::move(*decoded);
        if (token.phase == ListToken::Phase::start_refresh) {
            token.since = token.phase_started - look_back;
            token.phase_started = now;
        } else {
            plan.query.after = ListQuery::Position{token.last_time, token.last_id};
        }
    }
    const bool refreshing = token.phase != ListToken::Phase::page;
    if (refreshing) {
        plan.query.by_updated = true;
        plan.query.changed_since = token.since;
    }

    auto page = read_page(call.store, plan, filter, *size);
    Json reply = Json::object();
    const auto count = page.items.size();
    if (count > 0) reply["items"] = std::move(page.items);
    reply["response_type"] = page.complete ? "complete" : "delta";
    if (count > 0 || !given.empty()) {
        if (page.complete)
            token.phase = ListToken::Phase::start_refresh;
        else
            token.phase = refreshing ? ListToken::Phase::refresh : ListToken::Phase::page;
        token.last_time = page.last_time;
        token.last_id = page.last_id;
        reply["list_token"] = encode_list_token(call.store, token);
    }
    reply["sort_by"] = refreshing ? "updated_time" : "created_time";
    reply["sort_dir"] = "desc";
    if (refreshing) {
        auto removed = removed_since(call.store.database, plan.query.kind, token.since);
        if (!removed.empty()) reply["removed_ids"] = std::move(removed);
    }
    const bool whole = page.complete && given.empty();
    auto everything = plan.query;
    everything.changed_since.reset();
    const auto estimate =
        whole ? static_cast<std::int64_t>(count) : count_rows(call.store.database, everything);
    if (estimate > 0) reply["est_item_count"] = estimate;
    return {200, std::move(reply)};
}

Reply list(Call& call, const Collection& collection) {
    ListPlan plan;
    plan.token_kind = std::string(collection.kind);
    plan.query.kind = plan.token_kind;
    if (plan.query.kind == "session")
        plan.query.include_terminated = call.parameter("include_terminated") == "true";
    auto refusal = collection.parent_parameter.empty() ? plan_scope(call, collection, plan.query)
                                                       : plan_parent(call, collection, plan.query);
    if (refusal) return *refusal;
    plan.render = [&](const Resource& resource) -> std::optional<Json> {
        Json item = collection.fields(call, resource, false);
        const Json* actions = agent::find_member(item, "authorized_actions");
        if (actions == nullptr || actions->empty()) return std::nullopt; // not for this caller
        reduce_to_output_fields(call, resource, item);
        return item;
    };
    return run_list(call, std::move(plan));
}

} // namespace devserver
