// Static credential stores and their credentials. What is secret in them is written to
// store/credentials and never shown.

#include "devserver/api/attributes.hpp"
#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/store/ids.hpp"

#include <algorithm>

namespace devserver {
namespace {

struct CredentialType {
    std::string_view type;
    std::string_view prefix;
    std::vector<std::string> shown;  ///< in clear
    std::vector<std::string> secret; ///< as an HMAC
};

const CredentialType* find_type(std::string_view type) {
    static const std::vector<CredentialType> all = {
        {"username_password", "credup", {"username"}, {"password"}},
        {"username_password_domain", "credupd", {"username", "domain"}, {"password"}},
        {"password", "credp", {}, {"password"}},
        {"ssh_private_key", "credspk", {"username"}, {"private_key", "private_key_passphrase"}},
        {"json", "credjson", {}, {"object"}},
    };
    const auto found = std::ranges::find(all, type, &CredentialType::type);
    return found == all.end() ? nullptr : &*found;
}

void put_secret(Call& call, const std::string& name, const Json& secret, Json& attributes) {
    const Json* value = name == "object" ? &secret : agent::find_member(secret, name);
    if (value == nullptr || *value == Json("")) return;
    const auto text = value->is_string() ? value->get<std::string>() : agent::dump_json(*value);
    attributes[name + "_hmac"] = secret_hmac(call.store, text);
}

} // namespace

Json credential_store_fields(Call& call, const Resource& store, bool) {
    Json item = common_fields(call, store);
    add_actions(call, store, item);
    return item;
}

Json credential_fields(Call& call, const Resource& credential, bool) {
    Json item = common_fields(call, credential, "credential_store_id");
    const CredentialType* type = find_type(credential.type);
    auto secret = agent::parse_json(call.store.credentials.secret(credential.id).reveal());
    Json attributes = Json::object();
    if (type != nullptr && secret) {
        for (const auto& name : type->secret) put_secret(call, name, *secret, attributes);
        for (const auto& name : type->shown)
            if (const Json* value = agent::find_member(credential.extra, name))
                attributes[name] = *value;
        agent::wipe(*secret);
    }
    if (!attributes.empty()) item["attributes"] = std::move(attributes);
    add_actions(call, credential, item);
    return item;
}

void accept_credential(Call& call, Resource& credential, bool creating, FieldErrors& errors) {
    const Json& attributes = attributes_of(call);
    if (creating) credential.type = body_text(call.body, "type", errors).value_or("");
    const CredentialType* type = find_type(credential.type);
    if (type == nullptr) {
        errors["type"] = "This must be username_password, username_password_domain, password, "
                         "ssh_private_key or json.";
        return;
    }
    if (creating) credential.id = new_id(type->prefix);
    if (credential.type == "json") {
        const Json* object = agent::find_member(attributes, "object");
        if (object != nullptr ? !object->is_object() : creating)
            errors["attributes.object"] = "This field is required and must be an object.";
        return;
    }
    const auto accept = [&](const std::string& name) {
        const auto value = body_text(attributes, name, errors, "attributes." + name);
        if (creating && value.value_or("").empty() && name != "private_key_passphrase")
            errors.emplace("attributes." + name, "This field is required.");
        return value;
    };
    for (const auto& name : type->shown)
        if (auto value = accept(name)) credential.extra[name] = std::move(*value);
    for (const auto& name : type->secret) (void)accept(name);
}

void write_credential(Call& call, const Resource& credential) {
    const Json& attributes = attributes_of(call);
    auto present = agent::parse_json(call.store.credentials.secret(credential.id).reveal());
    Json secret = present && present->is_object() ? *present : Json::object();
    if (credential.type == "json") {
        if (const Json* object = agent::find_member(attributes, "object")) secret = *object;
    } else {
        const CredentialType* type = find_type(credential.type);
        for (const auto* names : {&type->shown, &type->secret})
            for (const auto& name : *names)
                if (const Json* value = agent::find_member(attributes, name)) secret[name] = *value;
    }
    call.store.credentials.set_secret(credential.id, agent::Secret(agent::dump_json(secret)));
}

} // namespace devserver
