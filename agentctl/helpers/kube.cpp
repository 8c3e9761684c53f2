#include "agentctl/helpers/endpoint_host.hpp"
#include "agentctl/helpers/fit.hpp"
#include "agentctl/helpers/table.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace agentctl::helpers {
namespace {

// A name of ours, that no kubeconfig of the user's is likely to have.
constexpr const char* kube_user = "agentctl";

std::string kubeconfig_with(std::string_view token) {
    agent::Json config = {{"apiVersion", "v1"}, {"kind", "Config"}};
    config["users"] = agent::Json::array(
        {agent::Json{{"name", kube_user}, {"user", {{"token", std::string(token)}}}}});
    std::string text = agent::dump_json(config); // JSON is YAML
    agent::wipe(config);
    return text;
}

std::string own_kubeconfig() {
    const char* named = std::getenv("KUBECONFIG");
    if (named != nullptr && *named != '\0') return named;
    const char* home = std::getenv("HOME");
    return home == nullptr ? "" : std::string(home) + "/.kube/config";
}

agent::Status prepare_kube(Given& given, Launch& launch) {
    const std::string host = http_host(given);
    const bool tls = given.options.scheme.value_or("https") == "https";
    if (tls && !host.empty()) launch.add({"--tls-server-name", host});
    launch.add({"--server", local_url(given, given.ip())});
    Credential* token = given.credentials.first(Kind::password);
    if (token == nullptr) return {};
    if (auto fits = fit_secret(token->secret.reveal(), Lines::refused); !fits) return fits;
    std::string text = kubeconfig_with(token->secret.reveal());
    auto file = SecretFile::holding(text);
    agent::wipe(text);
    if (!file) return file.error();
    // Of several files the first one that says something counts: the user's own clusters, and our
    // user.
    launch.environment.push_back("KUBECONFIG=" + file->path() + ":" + own_kubeconfig());
    launch.add({"--user", kube_user});
    launch.files.push_back(std::move(*file));
    token->consumed = true;
    return {};
}

} // namespace

const Helper kube{"kube",
                  "agentctl connect kube -target-id ttcp_1234567890 -- get pods",
                  {{"kubectl", {"kubectl"}}},
                  {style_flag("How to talk to it: kubectl.", "BOUNDARY_CONNECT_KUBE_STYLE"),
                   {"host", &HelperOptions::host,
                    "The name in the server's certificate; the target's own host when missing.",
                    "BOUNDARY_CONNECT_KUBE_HOST"},
                   {"scheme", &HelperOptions::scheme, "https (when missing) or http.",
                    "BOUNDARY_CONNECT_KUBE_SCHEME"}},
                  prepare_kube};

} // namespace agentctl::helpers
