#pragma once
// Endpoint: a host and a port as people and tokens write them. Used by dial, by agent-proxy and by
// the dev worker.

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agent::net {

struct Endpoint {
    std::string host; ///< a name, IPv4, or IPv6 without brackets
    std::uint16_t port = 0;

    /// "host:port", with brackets around IPv6.
    std::string text() const;
};

/// "host:port", "[v6]:port"; without a port only where `default_port` is given. A bare IPv6 address
/// counts as one without a port. Errc::invalid_argument says what is wrong.
Result<Endpoint> parse_endpoint(std::string_view text,
                                std::optional<std::uint16_t> default_port = std::nullopt);

/// The same for a place to listen: port 0 is any free one.
Result<Endpoint> parse_listen_endpoint(std::string_view text,
                                       std::optional<std::uint16_t> default_port = std::nullopt);

/// True for names, false for IPv4 and IPv6 literals: SNI takes only names.
bool is_host_name(const std::string& host);

} // namespace agent::net
