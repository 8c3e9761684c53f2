#include "agentctl/helpers/endpoint_host.hpp"

#include "agentctl/helpers/fit.hpp"

namespace agentctl::helpers {

std::string http_host(const Given& given) {
    std::string host = given.options.host.value_or("");
    if (host.empty()) {
        const std::string_view endpoint = given.proxy.endpoint;
        const auto begin = endpoint.find("://");
        const auto end = endpoint.rfind(':');
        if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + 3)
            return {};
        host = endpoint.substr(begin + 3, end - begin - 3);
        if (!plain_host(host)) return {};
    }
    while (!host.empty() && host.back() == '/') host.pop_back();
    return host;
}

std::string local_url(const Given& given, std::string_view host) {
    const bool v6 = host.find(':') != std::string_view::npos;
    return given.options.scheme.value_or("https") + "://" + (v6 ? "[" : "") + std::string(host) +
           (v6 ? "]" : "") + ":" + given.port();
}

} // namespace agentctl::helpers
