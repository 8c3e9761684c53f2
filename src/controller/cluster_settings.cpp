#include "controller/cluster_settings.hpp"

#include "base/controller_address.hpp"

#include <nlohmann/json.hpp>

namespace agent::controller {

Result<ClusterSettings> settings_for(const std::string& text) {
    auto address = parse_controller_address(text.empty() ? std::string(default_address) : text);
    if (!address) {
        Error wrong = address.error();
        wrong.message = "controller address \"" + text + "\": " + wrong.message;
        return wrong;
    }
    ClusterSettings settings;
    settings.address = std::move(address->text);
    settings.tls = address->tls;
    settings.host = std::move(address->host);
    settings.port = std::move(address->port);
    settings.unix_path = std::move(address->unix_path);
    return settings;
}

std::string authority(const ClusterSettings& settings) {
    if (!settings.unix_path.empty()) return settings.unix_path;
    const bool literal6 = settings.host.find(':') != std::string::npos;
    return (literal6 ? "[" + settings.host + "]" : settings.host) + ":" + settings.port;
}

bool verified(const ClusterSettings& settings) {
    return settings.tls && !settings.tls_insecure;
}

bool protected_route(const ClusterSettings& settings) {
    return verified(settings) || !settings.unix_path.empty() ||
           is_loopback_literal(settings.host) || is_localhost(settings.host);
}

Json settings_to_json(const ClusterSettings& settings) {
    Json json = Json::object();
    json["address"] = settings.address;
    const std::pair<const char*, const std::string*> texts[] = {
        {"ca_cert", &settings.ca_cert},
        {"ca_path", &settings.ca_path},
        {"client_cert", &settings.client_cert},
        {"client_key", &settings.client_key},
        {"tls_server_name", &settings.tls_server_name},
    };
    for (const auto& [name, value] : texts)
        if (!value->empty()) json[name] = *value;
    if (settings.tls_insecure) json["tls_insecure"] = true;
    if (settings.allow_foreign_listener) json["allow_foreign_listener"] = true;
    json["timeout_ms"] = settings.timeout.count();
    json["max_retries"] = settings.max_retries;
    return json;
}

Result<ClusterSettings> settings_from_json(const Json& json) {
    auto settings = settings_for(string_member(json, "address"));
    if (!settings) return settings;
    settings->ca_cert = string_member(json, "ca_cert");
    settings->ca_path = string_member(json, "ca_path");
    settings->client_cert = string_member(json, "client_cert");
    settings->client_key = string_member(json, "client_key");
    settings->tls_server_name = string_member(json, "tls_server_name");
    const std::pair<const char*, bool*> flags[] = {
        {"tls_insecure", &settings->tls_insecure},
        {"allow_foreign_listener", &settings->allow_foreign_listener},
    };
    for (const auto& [name, flag] : flags) {
        const Json* said = find_member(json, name);
        *flag = said != nullptr && said->is_boolean() && said->get<bool>();
    }
    const Json* timeout = find_member(json, "timeout_ms");
    if (timeout != nullptr && timeout->is_number_integer())
        settings->timeout = std::chrono::milliseconds(timeout->get<std::int64_t>());
    const Json* retries = find_member(json, "max_retries");
    if (retries != nullptr && retries->is_number_integer())
        settings->max_retries = retries->get<int>();
    return settings;
}

} // namespace agent::controller
