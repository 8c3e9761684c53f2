// Static credential stores and their credentials. What is secret in them is written to
// store/credentials and never shown.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/store/ids.hpp"

namespace devserver {
namespace {

/// What a credential of this type is made of, besides json's object.
std::vector<const char*> members_of(const std::string& type) {
    if (type == "ssh_private_key") return {"username", "private_key", "private_key_passphrase"};
    return {"username", "password"};
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
    if (credential.type == "json") {
        const Json* object = agent::find_member(attributes, "object");
        if (object != nullptr ? !object->is_object() : creating)
            errors["attributes.object"] = "This field is required and must be an object.";
        return;
    }
    for (const std::string name : members_of(credential.type)) {
        const auto value = body_text(attributes, name, errors, "attributes." + name);
        if (creating && value.value_or("").empty() && name != "private_key_passphrase")
            errors.emplace("attributes." + name, "This field is required.");
        if (value && name == "username") credential.extra["username"] = *value;
    }
}

void write_credential(Call& call, const Resource& credential) {
    const Json& attributes = attributes_of(call);
    auto present = agent::parse_json(call.store.credentials.secret(credential.id).reveal());
    Json secret = present && present->is_object() ? *present : Json::object();
    if (credential.type == "json") {
        if (const Json* object = agent::find_member(attributes, "object")) secret = *object;
    } else {
        for (const char* name : members_of(credential.type))
            if (const Json* value = agent::find_member(attributes, name)) secret[name] = *value;
    }
    call.store.credentials.set_secret(credential.id, agent::Secret(agent::dump_json(secret)));
}

} // namespace devserver
