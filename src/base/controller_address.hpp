#pragma once
// A controller's address as people write it. Read alike by config.toml's reader and by the controller's client.

#include "base/result.hpp"

#include <string>

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

} // namespace agent
