#include "devserver/api/crud.hpp"

#include "devserver/api/fields.hpp"
#include "devserver/api/grants.hpp"
#include "devserver/store/ids.hpp"

#include <algorithm>

namespace devserver {
namespace {

// name and description, for every kind: absent leaves them alone, null or "" clears them.
void accept_names(const Json& body, Resource& resource, FieldErrors& errors) {
    if (const auto name = body_text(body, "name", errors))
        resource.name = name->empty() ? std::nullopt : std::optional(*name);
    if (const auto description = body_text(body, "description", errors))
        resource.description = description->empty() ? std::nullopt : std::optional(*description);
}

Reply taken(const Resource& resource) {
    FieldErrors errors;
    if (resource.unique_key)
        errors[resource.kind == "alias" ? "value" : "attributes.login_name"] =
            "This, or the name, is taken already.";
    else
        errors["name"] = "This name is taken already.";
    return invalid_fields(errors);
}

// "host-catalog" → "host_catalog_id"
std::string underscored(std::string kind) {
    std::ranges::replace(kind, '-', '_');
    return kind + "_id";
}

// Where a new resource goes: the parent or scope its body names.
Reply place(Call& call, const Collection& collection, Resource& resource) {
    const bool has_parent = !collection.parent_parameter.empty();
    const std::string key = has_parent ? std::string(collection.parent_parameter) : "scope_id";
    const std::string id = agent::string_member(call.body, key);
    if (id.empty()) return invalid_fields({{key, "This field is required."}});
    const auto parent = call.store.resources.find(id);
    if (!parent) return not_found();
    if (has_parent ? key != underscored(parent->kind)
                   : parent->kind != "scope" || !fits_into(collection, *parent))
        return invalid_fields({{key, "This resource cannot be made there."}});
    if (collection.kind == "scope" && parent->type == "project")
        return invalid_fields({{key, "A project holds no scopes."}});
    resource.scope_id = has_parent ? parent->scope_id : parent->id;
    if (has_parent) resource.parent_id = parent->id;
    if (collection.kind == "scope") resource.type = parent->type == "global" ? "org" : "project";
    return empty_reply(200);
}

} // namespace

Refusal refuse_malformed_id(const Collection& collection, const std::string& id) {
    const auto prefix = id_prefix(id);
    const bool known = std::ranges::find(collection.prefixes, prefix) != collection.prefixes.end();
    const bool well_formed =
        id.size() > prefix.size() + 1 &&
        id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    if ((known && well_formed) || (collection.kind == "scope" && id == "global"))
        return std::nullopt;
    return invalid_argument("Improperly formatted identifier.",
                            {{"id", "Invalid formatted identifier."}});
}

Json render(Call& call, const Collection& collection, const Resource& resource, bool detail) {
    Json item = collection.fields(call, resource, detail);
    if (call.caller.level == Caller::Level::anonymous) reduce_for_anonymous(item);
    return item;
}

Json render(Call& call, const Resource& resource, bool detail) {
    const auto& all = collections();
    return render(call, *std::ranges::find(all, std::string_view(resource.kind), &Collection::kind),
                  resource, detail);
}

Reply read(Call& call, const Collection& collection) {
    std::string id = call.target.id;
    if (collection.kind == "target" && id.find('_') == std::string::npos) {
        std::ranges::transform(id, id.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto alias = call.store.resources.find_by_key("alias", id);
        if (!alias) return not_found();
        id = agent::string_member(alias->extra, "destination_id");
    } else if (auto refusal = refuse_malformed_id(collection, id)) {
        return *refusal;
    }
    const auto resource = call.store.resources.find(id);
    if (!resource || resource->kind != collection.kind) return not_found();
    if (auto refusal = refuse_action(call.caller, *resource, "read")) return *refusal;
    return {200, render(call, collection, *resource, true)};
}

Reply create(Call& call, const Collection& collection) {
    if (auto refusal = refuse_create(call.caller)) return *refusal;
    Resource resource;
    resource.kind = std::string(collection.kind);
    if (auto placed = place(call, collection, resource); placed.status != 200) return placed;
    FieldErrors errors;
    accept_names(call.body, resource, errors);
    resource.id =
        new_id(collection.kind == "scope" ? std::string_view(resource.type == "org" ? "o" : "p")
                                          : collection.prefixes.front());
    collection.accept(call, resource, true, errors);
    if (!errors.empty()) return invalid_fields(errors);
    try {
        Transaction transaction(call.store.database);
        resource = call.store.resources.create(resource);
        if (collection.written != nullptr) collection.written(call, resource);
        transaction.commit();
    } catch (const DatabaseError& problem) {
        if (problem.unique()) return taken(resource);
        throw;
    }
    return {200, render(call, collection, *call.store.resources.find(resource.id), true)};
}

Refusal refuse_version(const Call& call, const Resource& resource) {
    const Json* version = agent::find_member(call.body, "version");
    if (version == nullptr || !version->is_number_integer() || version->get<std::int64_t>() <= 0)
        return invalid_fields(
            {{"version", "This field is required: the version the resource has now."}});
    if (version->get<std::int64_t>() == resource.version) return std::nullopt;
    return invalid_fields(
        {{"version", "The resource has version " + std::to_string(resource.version) +
                         " by now: read it again, then repeat the change."}});
}

Reply update(Call& call, const Collection& collection) {
    if (auto refusal = refuse_malformed_id(collection, call.target.id)) return *refusal;
    auto resource = call.store.resources.find(call.target.id);
    if (!resource || resource->kind != collection.kind) return not_found();
    if (auto refusal = refuse_action(call.caller, *resource, "update")) return *refusal;
    if (auto refusal = refuse_version(call, *resource)) return *refusal;
    FieldErrors errors;
    accept_names(call.body, *resource, errors);
    collection.accept(call, *resource, false, errors);
    if (!errors.empty()) return invalid_fields(errors);
    try {
        Transaction transaction(call.store.database);
        resource = call.store.resources.update(*resource);
        if (collection.written != nullptr) collection.written(call, *resource);
        transaction.commit();
    } catch (const DatabaseError& problem) {
        if (problem.unique()) return taken(*resource);
        throw;
    }
    return {200, render(call, collection, *resource, true)};
}

Reply erase(Call& call, const Collection& collection) {
    if (auto refusal = refuse_malformed_id(collection, call.target.id)) return *refusal;
    const auto resource = call.store.resources.find(call.target.id);
    if (!resource || resource->kind != collection.kind) return not_found();
    if (auto refusal = refuse_action(call.caller, *resource, "delete")) return *refusal;
    call.store.remove(*resource);
    return empty_reply(204);
}

} // namespace devserver
