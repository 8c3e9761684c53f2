// The way of a request: take the target apart, find the collection, say who asks, read the body,
// call the handler.

#include "devserver/api/api.hpp"

#include "base/caught.hpp"
#include "base/log.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/listing.hpp"
#include "devserver/api/unserved.hpp"

#include <algorithm>

namespace devserver {
namespace {

const Collection* find_collection(const std::string& path) {
    const auto& all = collections();
    const auto found = std::ranges::find(all, std::string_view(path), &Collection::path);
    return found == all.end() ? nullptr : &*found;
}

Reply act(Call& call, const Collection& collection) {
    const auto action = collection.actions.find(call.target.action);
    if (action == collection.actions.end()) return empty_reply(400);
    if (collection.by_reference != nullptr && call.target.action == "authorize-session")
        return collection.by_reference(call);
    if (auto refusal = refuse_malformed_id(collection, call.target.id)) return *refusal;
    const auto resource = call.store.resources.find(call.target.id);
    if (!resource || resource->kind != collection.kind) return not_found();
    return action->second(call, *resource);
}

/// Actions that change nothing are asked for by GET, all others by POST.
bool only_reads(std::string_view action) {
    return action.starts_with("list-") || action.starts_with("read-");
}

Reply dispatch_action(Call& call, const Collection& collection, const std::string& method) {
    const auto& action = call.target.action;
    const auto own = collection.own_actions.find(action);
    const bool of_collection = call.target.id.empty();
    if (of_collection ? own == collection.own_actions.end() : !collection.actions.contains(action))
        return empty_reply(400);
    if (method != (only_reads(action) ? "GET" : "POST")) return empty_reply(405);
    call.action = action;
    return of_collection ? own->second(call) : act(call, collection);
}

Reply dispatch(Call& call, const Collection& collection, const std::string& method) {
    if (!call.target.action.empty()) return dispatch_action(call, collection, method);
    const bool writable = collection.accept != nullptr;
    if (call.target.id.empty()) {
        call.action = method == "GET" ? "list" : "create";
        if (method == "GET") return list(call, collection);
        if (method == "POST" && writable && collection.creatable) return create(call, collection);
        return empty_reply(405);
    }
    call.action = method == "GET" ? "read" : method == "PATCH" ? "update" : "delete";
    if (method == "GET") return read(call, collection);
    if (method == "PATCH" && writable) return update(call, collection);
    if (method == "DELETE" && collection.deletable) return erase(call, collection);
    return empty_reply(405);
}

} // namespace

Reply Api::route(const HttpRequest& request) {
    auto target = parse_request_target(request.target);
    if (!target) return invalid_argument(target.error().message);
    if (!target->v1) return not_found("Not Found");
    if (auto refusal = refuse_unserved(target->collection)) return *refusal;
    const Collection* collection = find_collection(target->collection);
    if (collection == nullptr) return empty_reply(404);

    Call call{store_, settings_, identify(store_, request.authorization), std::move(*target)};
    const auto& method = request.method;
    if (!request.body.empty() && method != "GET" && method != "DELETE") {
        auto body = agent::parse_json(request.body);
        if (!body || !body->is_object())
            return invalid_argument("The request body is not a JSON object.");
        call.body = std::move(*body);
    }
    return dispatch(call, *collection, method);
}

Reply Api::handle(const HttpRequest& request) {
    try {
        return route(request);
    } catch (...) { // the named boundary: a request's failure must not end the server
        const auto problem = agent::caught().message;
        agent::log::error("{} {}: {}", request.method,
                          request.target.substr(0, request.target.find('?')), problem);
        return internal_error("The dev server failed: " + problem);
    }
}

} // namespace devserver
