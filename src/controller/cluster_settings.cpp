#include "controller/cluster_settings.hpp"

#include <nlohmann/json.hpp>

namespace agent::controller {
namespace {

Error bad_address(const std::string& address, const std::string& why) {
    return fail(Errc::invalid_argument, Hop::local, "controller address \"" + address + "\": " + why,
                "use http://HOST:PORT, https://HOST:PORT or unix:///PATH");
}

bool is_port(const std::string& text) {
    if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return false;
    const int number = std::stoi(text);
    return number > 0 && number < 65536;
}

} // namespace

Result<ClusterSettings> settings_for(const std::string& text) {
    ClusterSettings settings;
    std::string address = text.empty() ? default_address : text;
    while (address.ends_with('/')) address.pop_back();
    if (address.ends_with("/v1")) address.resize(address.size() - 3);
    while (address.ends_with('/')) address.pop_back();
    settings.address = address;

    if (address.starts_with("unix://")) {
        settings.unix_path = address.substr(7);
        if (!settings.unix_path.starts_with('/')) return bad_address(text, "the socket's path must be absolute");
        return settings;
    }
    settings.tls = address.starts_with("https://");
    if (!settings.tls && !address.starts_with("http://")) return bad_address(text, "unknown scheme");
    std::string rest = address.substr(settings.tls ? 8 : 7);
    if (rest.find_first_of("/?#@ ") != std::string::npos) return bad_address(text, "only host and port are allowed");
    std::size_t colon = rest.rfind(':');
    if (rest.starts_with('[')) {
        const std::size_t bracket = rest.find(']');
        if (bracket == std::string::npos) return bad_address(text, "a bracket is missing");
        settings.host = rest.substr(1, bracket - 1);
        colon = bracket + 1 < rest.size() ? bracket + 1 : std::string::npos;
        if (colon != std::string::npos && rest[colon] != ':') return bad_address(text, "no port after the bracket");
    } else {
        settings.host = rest.substr(0, colon);
    }
    settings.port = settings.tls ? "443" : "80";
    if (colon != std::string::npos) settings.port = rest.substr(colon + 1);
    if (settings.host.empty()) return bad_address(text, "it has no host");
    if (!is_port(settings.port)) return bad_address(text, "bad port");
    return settings;
}

std::string authority(const ClusterSettings& settings) {
    if (!settings.unix_path.empty()) return settings.unix_path;
    const bool literal6 = settings.host.find(':') != std::string::npos;
    return (literal6 ? "[" + settings.host + "]" : settings.host) + ":" + settings.port;
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
    const Json* insecure = find_member(json, "tls_insecure");
    settings->tls_insecure = insecure != nullptr && insecure->is_boolean() && insecure->get<bool>();
    const Json* timeout = find_member(json, "timeout_ms");
    if (timeout != nullptr && timeout->is_number_integer())
        settings->timeout = std::chrono::milliseconds(timeout->get<std::int64_t>());
    const Json* retries = find_member(json, "max_retries");
    if (retries != nullptr && retries->is_number_integer()) settings->max_retries = retries->get<int>();
    return settings;
}

} // namespace agent::controller
