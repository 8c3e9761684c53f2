// The way of a request: take the target apart, find the collection, say who asks, read the body,
// call the handler.

#include "devserver/api/api.hpp"

#include "base/caught.hpp"
#include "base/log.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/listing.hpp"

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

} // namespace

Reply Api::route(const HttpRequest& request) {
    auto target = parse_request_target(request.target);
    if (!target) return invalid_argument(target.error().message);
    if (!target->v1) return not_found("Not Found");
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
    if (!call.target.action.empty()) {
        if (method == "GET" && call.target.action == "list-resolvable-aliases")
            return act(call, *collection);
        if (!collection->actions.contains(call.target.action)) return empty_reply(400);
        if (method != "POST") return empty_reply(405);
        return act(call, *collection);
    }
    if (call.target.id.empty()) {
        if (method == "GET") return list(call, *collection);
        if (method == "POST" && collection->accept != nullptr) return create(call, *collection);
        return empty_reply(405);
    }
    if (method == "GET") return read(call, *collection);
    if (method == "PATCH" && collection->accept != nullptr) return update(call, *collection);
    if (method == "DELETE" && collection->deletable) return erase(call, *collection);
    return empty_reply(405);
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
