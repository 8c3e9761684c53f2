#include "base/controller_address.hpp"

namespace agent {
namespace {

Error wrong(std::string why) {
    return fail(Errc::invalid_argument, Hop::local, std::move(why),
                "use http://HOST:PORT, https://HOST:PORT or unix:///PATH");
}

bool is_port(const std::string& text) {
    if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return false;
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
    if (!address.tls && !text.starts_with("http://")) return wrong("must begin with https://, http:// or unix:///");
    const std::string rest = text.substr(address.tls ? 8 : 7);
    if (rest.find_first_of("/?#@ ") != std::string::npos) return wrong("must have nothing but host and port");
    std::size_t colon = rest.rfind(':');
    if (rest.starts_with('[')) {
        const std::size_t bracket = rest.find(']');
        if (bracket == std::string::npos) return wrong("lacks a bracket");
        address.host = rest.substr(1, bracket - 1);
        colon = bracket + 1 < rest.size() ? bracket + 1 : std::string::npos;
        if (colon != std::string::npos && rest[colon] != ':') return wrong("must have a port after the bracket");
    } else {
        address.host = rest.substr(0, colon);
    }
    address.port = address.tls ? "443" : "80";
    if (colon != std::string::npos) address.port = rest.substr(colon + 1);
    if (address.host.empty()) return wrong("must have a host");
    if (!is_port(address.port)) return wrong("must have a port from 1 to 65535");
    return address;
}

} // namespace agent
