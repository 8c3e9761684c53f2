#include "agentctl/helpers/endpoint_host.hpp"
#include "agentctl/helpers/table.hpp"

namespace agentctl::helpers {
namespace {

agent::Status prepare_http(Given& given, Launch& launch) {
    const std::string host = http_host(given);
    if (given.options.method) launch.add({"-X", *given.options.method});
    std::string url;
    if (host.empty()) {
        url = local_url(given, given.ip());
    } else {
        launch.add(
            {"-H", "Host: " + host, "--resolve", host + ":" + given.port() + ":" + given.ip()});
        url = local_url(given, host);
    }
    if (given.options.path) {
        if (!given.options.path->starts_with('/')) url += '/';
        url += *given.options.path;
    }
    launch.add({url});
    return {};
}

} // namespace

const Helper http{
    "http",
    "agentctl connect http -target-id ttcp_1234567890 -path health -- -sS",
    {{"curl", {"curl"}}},
    {style_flag("How to talk to it: curl.", "BOUNDARY_CONNECT_HTTP_STYLE"),
     {"host", &HelperOptions::host, "The host's name; the target's own when missing.",
      "BOUNDARY_CONNECT_HTTP_HOST"},
     {"path", &HelperOptions::path, "The path to ask for.", "BOUNDARY_CONNECT_HTTP_PATH"},
     {"method", &HelperOptions::method, "The method; the program's own when missing.",
      "BOUNDARY_CONNECT_HTTP_METHOD"},
     {"scheme", &HelperOptions::scheme, "https (when missing) or http.",
      "BOUNDARY_CONNECT_HTTP_SCHEME"}},
    prepare_http};

} // namespace agentctl::helpers
