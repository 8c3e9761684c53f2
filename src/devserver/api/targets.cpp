#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

#include <limits>

namespace devserver {
namespace {

constexpr std::int64_t max_port = 65535;
constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();

// A number that null takes away.
void accept_number(const Json& body, const char* name, std::int64_t lowest, std::int64_t highest,
                   Resource& target, FieldErrors& errors, const std::string& shown_name = {}) {
    if (!body.is_object() || !body.contains(name)) return;
    if (body.at(name).is_null())
        target.extra.erase(name);
    else if (const auto value = body_number(body, name, lowest, highest, errors, shown_name))
        target.extra[name] = *value;
}

struct SourceNames {
    const char* ids;
    const char* sources;
    const char* parent; ///< of each source
};

// What a target is linked to, as ids and as objects that name their parent; nothing when there is
// none.
void put_sources(Call& call, const Resource& target, const char* link, const SourceNames& names,
                 Json& item) {
    Json ids = Json::array();
    Json sources = Json::array();
    for (const auto& id : call.store.resources.linked(target.id, link)) {
        const auto linked = call.store.resources.find(id);
        ids.push_back(id);
        Json source;
        source["id"] = id;
        if (linked) source[names.parent] = linked->parent_id;
        sources.push_back(std::move(source));
    }
    if (ids.empty()) return;
    item[names.ids] = std::move(ids);
    item[names.sources] = std::move(sources);
}

} // namespace

Json target_fields(Call& call, const Resource& target, bool detail) {
    Json item = common_fields(call, target);
    if (detail)
        put_sources(call, target, "host-source",
                    {"host_source_ids", "host_sources", "host_catalog_id"}, item);
    copy_extra(target, "session_max_seconds", item);
    copy_extra(target, "session_connection_limit", item);
    if (detail)
        put_sources(call, target, "credential-source",
                    {"brokered_credential_source_ids", "brokered_credential_sources",
                     "credential_store_id"},
                    item);
    Json attributes = Json::object();
    for (const char* name : {"default_port", "default_client_port"})
        if (const Json* value = agent::find_member(target.extra, name)) attributes[name] = *value;
    if (!attributes.empty()) item["attributes"] = std::move(attributes);
    add_actions(call, target, item);
    if (detail && call.action != "update") { // as the reference answers updates
        Json aliases = Json::array();
        for (const auto& alias : call.store.resources.all("alias")) {
            if (agent::string_member(alias.extra, "destination_id") != target.id) continue;
            Json one;
            one["id"] = alias.id;
            one["value"] = alias.unique_key.value_or("");
            aliases.push_back(std::move(one));
        }
        if (!aliases.empty()) item["aliases"] = std::move(aliases);
    }
    // "" with host sources, and after this one action, as the reference says it
    const bool said = call.action != "remove-credential-sources";
    item["address"] = said ? agent::string_member(target.extra, "address") : std::string();
    return item;
}

void accept_target(Call& call, Resource& target, bool creating, FieldErrors& errors) {
    const Json& body = call.body;
    if (creating) {
        const auto type = body_text(body, "type", errors).value_or("");
        if (type != "tcp") errors["type"] = "This server has targets of type \"tcp\" only.";
        target.type = "tcp";
        target.extra["session_max_seconds"] = 28800;
        target.extra["session_connection_limit"] = -1;
        if (!target.name) errors["name"] = "This field is required.";
    }
    if (const auto address = body_text(body, "address", errors)) {
        if (address->empty()) {
            target.extra.erase("address");
        } else if (address->size() > 255 ||
                   address->find_first_of(" /\t\r\n") != std::string::npos) {
            errors["address"] = "This field must be a host name or an IP address.";
        } else if (!call.store.resources.linked(target.id, "host-source").empty()) {
            errors["address"] = "The target has host sources: remove them first.";
        } else {
            target.extra["address"] = *address;
        }
    }
    accept_number(body, "session_max_seconds", 1, max_int32, target, errors);
    accept_number(body, "session_connection_limit", -1, max_int32, target, errors);
    if (target.extra.value("session_connection_limit", -1) == 0)
        errors["session_connection_limit"] = "This must be -1 (unlimited) or greater than zero.";
    const Json& attributes = attributes_of(call);
    accept_number(attributes, "default_port", 1, max_port, target, errors,
                  "attributes.default_port");
    accept_number(attributes, "default_client_port", 1, max_port, target, errors,
                  "attributes.default_client_port");
    if (creating && !target.extra.contains("default_port") &&
        !errors.contains("attributes.default_port"))
        errors["attributes.default_port"] = "This field is required.";
}

// An address that is taken away takes the sessions that lead to it with it.
void write_target(Call& call, const Resource& target) {
    if (agent::string_member(target.extra, "address").empty())
        call.store.sessions.cancel_all_of(Sessions::Reference::target_address, target.id);
}

} // namespace devserver
