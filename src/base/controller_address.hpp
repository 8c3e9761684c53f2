#pragma once
// A controller's address as people write it. Read alike by config.toml's reader and by the
// controller's client.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace agent {

struct ControllerAddress {
    std::string text; ///< without a trailing slash or /v1: "https://boundary.example.com:9200"
    bool tls = false;
    std::string host; ///< name or IP without brackets; empty with unix_path
    std::string port;
    std::string unix_path; ///< of unix:///path
};

/// Errc::invalid_argument, whose message is what follows the address' name: "must have a host".
Result<ControllerAddress> parse_controller_address(std::string text);

/// An address in numbers within 127.0.0.0/8, ::1, or the former inside the latter's space. A name
/// never is: whoever answers for "127.example.com" chooses where it leads.
bool is_loopback_literal(std::string_view host);

/// "localhost" or a name below it, which mean loopback (RFC 6761): connection.cpp holds this
/// machine to it.
bool is_localhost(std::string_view host);

} // namespace agent
