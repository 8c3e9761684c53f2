#include "devserver/api/crud.hpp"

#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"
#include "devserver/store/ids.hpp"

#include <algorithm>
#include <cctype>

namespace devserver {
namespace {

// name and description, for every kind: absent leaves them alone, null or "" clears them.
void accept_names(const Json& body, Resource& resource, FieldErrors& errors) {
    if (const auto name = body_text(body, "name", errors))
        resource.name = name->empty() ? std::nullopt : std::optional(*name);
    if (const auto description = body_text(body, "description", errors))
        resource.description = description->empty() ? std::nullopt : std::optional(*description);
}

Reply taken() {
    return invalid_argument("Invalid request.  Request attempted to make second resource with the "
                            "same field value that must be unique.");
}

/// Whether an update names anything at all that this kind has.
bool names_something(const Json& body, const Collection& collection) {
    const auto given = [&](std::string_view member) { return body.contains(std::string(member)); };
    const Json* attributes = agent::find_member(body, "attributes");
    return given("name") || given("description") ||
           (attributes != nullptr && !attributes->empty()) ||
           std::ranges::any_of(collection.updatable, given);
}

Reply nothing_to_update(const Collection& collection) {
    const std::string what = collection.kind == "target" ? "paths" : "fields";
    return invalid_argument(
        "No valid fields included in the update mask.",
        {{"update_mask", "No valid " + what + " provided in the update mask."}});
}

// "host-set" → "Host Set"
std::string noun(const Resource& resource) {
    if (resource.kind == "auth-method") return "AuthMethod";
    std::string text = resource.kind;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '-') text[i] = ' ';
        if (i == 0 || text[i - 1] == ' ')
            text[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
    }
    return text;
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
    reduce_to_output_fields(call, resource, item);
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
    if (auto refusal = refuse_action(call, *resource, "read")) return *refusal;
    return {200, render(call, collection, *resource, true)};
}

Reply create(Call& call, const Collection& collection) {
    return create(call, collection, "create");
}

Reply create(Call& call, const Collection& collection, std::string_view action) {
    Resource resource;
    resource.kind = std::string(collection.kind);
    if (auto placed = place(call, collection, resource); placed.status != 200) return placed;
    if (auto refusal =
            refuse_in_scope(call, resource.scope_id, collection.kind, action, resource.parent_id))
        return *refusal;
    FieldErrors errors;
    accept_names(call.body, resource, errors);
    resource.id =
        new_id(collection.kind == "scope" ? std::string_view(resource.type == "org" ? "o" : "p")
                                          : collection.prefixes.front());
    collection.accept(call, resource, true, errors);
    if (!errors.empty()) return invalid_fields(errors);
    if (collection.refuse != nullptr)
        if (auto refusal = collection.refuse(call, resource)) return *refusal;
    try {
        Transaction transaction(call.store.database);
        resource = call.store.resources.create(resource);
        if (collection.written != nullptr) collection.written(call, resource);
        transaction.commit();
    } catch (const DatabaseError& problem) {
        if (problem.unique()) return taken();
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
    const char* missing = resource.kind == "target" ? "not found" : "doesn't exist";
    return not_found(noun(resource) + " \"" + resource.id + "\" " + missing +
                     " or incorrect version provided.");
}

Reply update(Call& call, const Collection& collection) {
    if (auto refusal = refuse_malformed_id(collection, call.target.id)) return *refusal;
    auto resource = call.store.resources.find(call.target.id);
    if (!resource || resource->kind != collection.kind) return not_found();
    if (auto refusal = refuse_action(call, *resource, "update")) return *refusal;
    if (auto refusal = refuse_version(call, *resource)) return *refusal;
    if (!names_something(call.body, collection)) return nothing_to_update(collection);
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
        if (problem.unique()) return taken();
        throw;
    }
    return {200, render(call, collection, *resource, true)};
}

Reply erase(Call& call, const Collection& collection) {
    if (auto refusal = refuse_malformed_id(collection, call.target.id)) return *refusal;
    const auto resource = call.store.resources.find(call.target.id);
    if (!resource || resource->kind != collection.kind) return not_found();
    if (auto refusal = refuse_action(call, *resource, "delete")) return *refusal;
    if (resource->id == "global" || resource->id == "u_anon" || resource->id == "u_auth" ||
        resource->id == "u_recovery")
        return failed_precondition("\"" + resource->id + "\" is part of every cluster.");
    call.store.remove(*resource);
    return empty_reply(204);
}

} // namespace devserver
