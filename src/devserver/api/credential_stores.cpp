// Static credential stores and their credentials. What is secret in them is written to store/credentials and never
// shown.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/store/ids.hpp"

namespace devserver {
namespace {

const Json& attributes_of(const Call& call) {
    static const Json nothing = Json::object();
    const Json* attributes = agent::find_member(call.body, "attributes");
    return attributes != nullptr ? *attributes : nothing;
}

} // namespace

Json credential_store_fields(Call& call, const Resource& store, bool) {
    Json item = common_fields(call, store);
    add_actions(call, store, item);
    return item;
}

Json credential_fields(Call& call, const Resource& credential, bool) {
    Json item = common_fields(call, credential, "credential_store_id");
    const auto username = agent::string_member(credential.extra, "username");
    if (!username.empty()) item["attributes"]["username"] = username;
    add_actions(call, credential, item);
    return item;
}

void accept_credential(Call& call, Resource& credential, bool creating, FieldErrors& errors) {
    const Json& attributes = attributes_of(call);
    if (creating) {
        credential.type = body_text(call.body, "type", errors).value_or("");
        if (credential.type == "ssh_private_key")
            credential.id = new_id("credspk");
        else if (credential.type == "json")
            credential.id = new_id("credjson");
        else if (credential.type != "username_password")
            errors["type"] = "This must be username_password, ssh_private_key or json.";
    }
    const auto required = [&](const char* name) {
        const auto value = body_text(attributes, name, errors, std::string("attributes.") + name);
        if (creating && value.value_or("").empty())
            errors.emplace(std::string("attributes.") + name, "This field is required.");
        return value;
    };
    if (credential.type == "json") {
        const Json* object = agent::find_member(attributes, "object");
        if (creating && (object == nullptr || !object->is_object()))
            errors["attributes.object"] = "This field is required and must be an object.";
        return;
    }
    if (const auto username = required("username")) credential.extra["username"] = *username;
    required(credential.type == "ssh_private_key" ? "private_key" : "password");
}

void write_credential(Call& call, const Resource& credential) {
    const Json& attributes = attributes_of(call);
    auto present = agent::parse_json(call.store.credentials.secret(credential.id).reveal());
    Json secret = present && present->is_object() ? *present : Json::object();
    if (credential.type == "json") {
        if (const Json* object = agent::find_member(attributes, "object")) secret = *object;
    } else {
        for (const char* name : {"username", "password", "private_key", "private_key_passphrase"})
            if (const Json* value = agent::find_member(attributes, name)) secret[name] = *value;
    }
    call.store.credentials.set_secret(credential.id, agent::Secret(agent::dump_json(secret)));
}

} // namespace devserver
