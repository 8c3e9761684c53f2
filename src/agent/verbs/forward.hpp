#pragma once
// What may be forwarded: requests to the API's own paths, and none whose answer is a login.

#include "base/result.hpp"

#include <string>

namespace agent::core {

struct ForwardOptions {
    std::string method; ///< GET, POST, PATCH or DELETE
    std::string path;   ///< "/v1/targets"
    std::string query;  ///< encoded already, without its '?'
    std::string body;   ///< JSON or empty
};

/// Errc::invalid_argument or permission_denied: nothing was sent.
Status check_forward(const ForwardOptions& options);

} // namespace agent::core
