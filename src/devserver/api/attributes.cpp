#include "devserver/api/attributes.hpp"

#include "base/base64.hpp"
#include "base/random.hpp"
#include "devserver/api/fields.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <map>

namespace devserver {
namespace {

using Type = Attribute::Type;
constexpr std::size_t max_texts = 200;

std::string shown_name(const Attribute& attribute) {
    return "attributes." + std::string(attribute.name);
}

bool is_web_url(std::string_view text) {
    const auto rest = text.starts_with("http://")    ? text.substr(7)
                      : text.starts_with("https://") ? text.substr(8)
                                                     : std::string_view{};
    return !rest.empty() && rest.front() != '/' &&
           rest.find_first_of(" \t\r\n\"<>\\") == std::string_view::npos;
}

std::string complaint_of_text(const Attribute& attribute, const std::string& text) {
    if (attribute.type == Type::url && !is_web_url(text))
        return "Must have schema \"http\" or \"https\" specified.";
    if (!attribute.choices.empty() &&
        std::ranges::find(attribute.choices, std::string_view(text)) == attribute.choices.end())
        return "Contains unsupported value \"" + text + "\".";
    return {};
}

std::string complaint(const Attribute& attribute, const Json& value) {
    switch (attribute.type) {
    case Type::flag:
        return value.is_boolean() ? "" : "This field must be true or false.";
    case Type::number:
        break; // body_number says it
    case Type::texts:
        if (!value.is_array() || value.size() > max_texts)
            return "This field must be a list of texts.";
        for (const auto& one : value) {
            if (!one.is_string()) return "This field must be a list of texts.";
            if (auto problem = complaint_of_text(attribute, one.get<std::string>());
                !problem.empty())
                return problem;
        }
        return {};
    case Type::text:
    case Type::url:
    case Type::secret:
        if (!value.is_string()) return "This field must be a string.";
        return complaint_of_text(attribute, value.get<std::string>());
    }
    return {};
}

bool is_set(const Json& value) {
    if (value.is_string()) return !value.get_ref<const std::string&>().empty();
    if (value.is_array()) return !value.empty();
    return !value.is_null() && value != Json(false);
}

void accept_one(const Attribute& attribute, const Json& body, Resource& resource,
                FieldErrors& errors) {
    const std::string name(attribute.name);
    const Json& value = body.at(name);
    if (attribute.read_only) {
        errors[shown_name(attribute)] = "Field is read only.";
    } else if (value.is_null()) {
        if (attribute.missing != nullptr)
            errors[shown_name(attribute)] = "Can change but cannot unset this field.";
        resource.extra.erase(name);
    } else if (attribute.type == Type::number) {
        if (const auto number = body_number(body, name, attribute.lowest, attribute.highest, errors,
                                            shown_name(attribute)))
            resource.extra[name] = *number;
    } else if (auto problem = complaint(attribute, value); !problem.empty()) {
        errors[shown_name(attribute)] = std::move(problem);
    } else if (attribute.type != Type::secret) {
        resource.extra[name] = value;
    }
}

} // namespace

void accept_attributes(const Call& call, Attributes table, Resource& resource, bool creating,
                       FieldErrors& errors) {
    const Json& body = attributes_of(call);
    if (!body.is_object()) {
        errors["attributes"] = "Attribute fields do not match the expected format.";
        return;
    }
    for (const auto& [name, value] : body.items())
        if (std::ranges::find(table, std::string_view(name), &Attribute::name) == table.end())
            errors["attributes"] = "Attribute fields do not match the expected format.";
    for (const auto& attribute : table) {
        const std::string name(attribute.name);
        if (body.contains(name)) accept_one(attribute, body, resource, errors);
        if (!creating || attribute.missing == nullptr) continue;
        if (!body.contains(name) || !is_set(body.at(name)))
            errors[shown_name(attribute)] = attribute.missing;
    }
}

void write_secrets(Call& call, Attributes table, const Resource& resource) {
    const Json& body = attributes_of(call);
    auto present = agent::parse_json(call.store.credentials.secret(resource.id).reveal());
    Json secrets = present && present->is_object() ? *present : Json::object();
    bool changed = false;
    for (const auto& attribute : table) {
        const std::string name(attribute.name);
        if (attribute.type != Type::secret || !body.is_object() || !body.contains(name)) continue;
        if (is_set(body.at(name)))
            secrets[name] = body.at(name);
        else
            secrets.erase(name);
        changed = true;
    }
    if (changed)
        call.store.credentials.set_secret(resource.id, agent::Secret(agent::dump_json(secrets)));
    agent::wipe(secrets);
}

Json shown_attributes(Call& call, Attributes table, const Resource& resource) {
    std::map<std::string, Json> shown; // by name, as the reference writes them
    const bool secretive =
        std::ranges::any_of(table, [](const Attribute& one) { return one.type == Type::secret; });
    auto secrets = secretive
                       ? agent::parse_json(call.store.credentials.secret(resource.id).reveal())
                       : agent::Result<Json>(Json::object());
    for (const auto& attribute : table) {
        const std::string name(attribute.name);
        if (attribute.type == Type::secret) {
            const auto secret = secrets ? agent::string_member(*secrets, name) : std::string();
            if (!secret.empty()) shown[name + "_hmac"] = secret_hmac(call.store, secret);
        } else if (const Json* value = agent::find_member(resource.extra, name);
                   value != nullptr && is_set(*value)) {
            shown[name] = *value;
        }
    }
    if (secrets) agent::wipe(*secrets);
    Json item = Json::object();
    for (auto& [name, value] : shown) item[name] = std::move(value);
    return item;
}

std::string secret_hmac(Store& store, std::string_view secret) {
    auto key = store.setting("secret_hmac_key");
    if (key.empty()) {
        key = agent::random_base62(43);
        store.set_setting("secret_hmac_key", key);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), out.data(), &size);
    auto text = agent::base64_encode(
        std::string_view(reinterpret_cast<const char*>(out.data()), size), false);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

} // namespace devserver
