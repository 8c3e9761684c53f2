#include "net/endpoint.hpp"

#include <boost/asio/ip/address.hpp>

#include <charconv>

namespace agent::net {
namespace {

bool is_ipv6(const std::string& host) {
    boost::system::error_code ec;
    boost::asio::ip::make_address_v6(host, ec);
    return !ec;
}

Error wrong(std::string_view text, std::string_view why) {
    return fail(Errc::invalid_argument, Hop::local,
                "address \"" + std::string(text) + "\": " + std::string(why));
}

} // namespace

std::string Endpoint::text() const {
    if (host.find(':') != std::string::npos) return "[" + host + "]:" + std::to_string(port);
    return host + ":" + std::to_string(port);
}

Result<Endpoint> parse_listen_endpoint(std::string_view text,
                                       std::optional<std::uint16_t> default_port) {
    Endpoint endpoint;
    std::optional<std::string_view> port;
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) return wrong(text, "the bracket is not closed");
        endpoint.host = text.substr(1, bracket - 1);
        if (!is_ipv6(endpoint.host)) return wrong(text, "no IPv6 address between the brackets");
        const auto rest = text.substr(bracket + 1);
        if (!rest.empty() && rest.front() != ':')
            return wrong(text, "only a port may follow the bracket");
        if (!rest.empty()) port = rest.substr(1);
    } else if (is_ipv6(std::string(text))) {
        endpoint.host = text;
    } else {
        const auto colon = text.rfind(':');
        endpoint.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon + 1);
        if (endpoint.host.find(':') != std::string::npos)
            return wrong(text, "IPv6 with a port needs brackets");
    }
    if (endpoint.host.empty()) return wrong(text, "no host");
    for (const char c : endpoint.host)
        if (static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '@' || c == 0x7f)
            return wrong(text, "a host cannot contain that");

    if (!port) {
        if (!default_port) return wrong(text, "no port");
        endpoint.port = *default_port;
        return endpoint;
    }
    const auto end = port->data() + port->size();
    const auto [stop, problem] = std::from_chars(port->data(), end, endpoint.port);
    if (problem != std::errc{} || stop != end)
        return wrong(text, "the port is no number from 1 to 65535");
    return endpoint;
}

Result<Endpoint> parse_endpoint(std::string_view text, std::optional<std::uint16_t> default_port) {
    auto endpoint = parse_listen_endpoint(text, default_port);
    if (endpoint && endpoint->port == 0) return wrong(text, "port 0 cannot be dialled");
    return endpoint;
}

bool is_host_name(const std::string& host) {
    boost::system::error_code ec;
    boost::asio::ip::make_address(host, ec);
    return static_cast<bool>(ec);
}

} // namespace agent::net
