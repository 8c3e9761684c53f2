#include "base/controller_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace agent {
namespace {

Error wrong(std::string why) {
    return fail(Errc::invalid_argument, Hop::local, std::move(why),
                "use http://HOST:PORT, https://HOST:PORT or unix:///PATH");
}

/// Names of hosts, in any script, and addresses in numbers; nothing that means something else to
/// whoever prints the address or puts it into a request's head.
bool is_host_name(std::string_view host) {
    return host.find_first_of("\"%\\<>[]^`{|}") == std::string_view::npos &&
           std::ranges::all_of(
               host, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

/// With the zone of a link-local address behind it, perhaps.
bool is_literal6(const std::string& host) {
    in6_addr six{};
    const auto zone = host.find('%');
    return ::inet_pton(AF_INET6, host.substr(0, zone).c_str(), &six) == 1 &&
           (zone == std::string::npos || is_host_name(host.substr(zone + 1)));
}

bool is_port(const std::string& text) {
    if (text.empty() || text.size() > 5 ||
        text.find_first_not_of("0123456789") != std::string::npos)
        return false;
    const int number = std::stoi(text);
    return number > 0 && number < 65536;
}

} // namespace

Result<ControllerAddress> parse_controller_address(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    if (text.ends_with("/v1")) text.resize(text.size() - 3);
    while (text.ends_with('/')) text.pop_back();
    ControllerAddress address;
    address.text = text;
    if (text.starts_with("unix://")) {
        address.unix_path = text.substr(7);
        if (!address.unix_path.starts_with('/')) return wrong("must have an absolute path");
        return address;
    }
    address.tls = text.starts_with("https://");
    if (!address.tls && !text.starts_with("http://"))
        return wrong("must begin with https://, http:// or unix:///");
    const std::string rest = text.substr(address.tls ? 8 : 7);
    if (rest.find_first_of("/?#@ ") != std::string::npos)
        return wrong("must have nothing but host and port");
    std::size_t colon = rest.rfind(':');
    if (rest.starts_with('[')) {
        const std::size_t bracket = rest.find(']');
        if (bracket == std::string::npos) return wrong("lacks a bracket");
        address.host = rest.substr(1, bracket - 1);
        colon = bracket + 1 < rest.size() ? bracket + 1 : std::string::npos;
        if (colon != std::string::npos && rest[colon] != ':')
            return wrong("must have a port after the bracket");
        if (!is_literal6(address.host)) return wrong("must have an IPv6 address in its brackets");
    } else {
        address.host = rest.substr(0, colon);
        if (!is_host_name(address.host)) return wrong("must have a host's name or address");
    }
    address.port = address.tls ? "443" : "80";
    if (colon != std::string::npos) address.port = rest.substr(colon + 1);
    if (address.host.empty()) return wrong("must have a host");
    if (!is_port(address.port)) return wrong("must have a port from 1 to 65535");
    return address;
}

bool is_loopback_literal(std::string_view host) {
    const std::string text(host);
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

bool is_localhost(std::string_view host) {
    std::string name(host);
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (name.ends_with('.')) name.pop_back();
    return name == "localhost" || name.ends_with(".localhost");
}

} // namespace agent
