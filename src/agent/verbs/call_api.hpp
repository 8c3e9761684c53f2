#pragma once
// What a typed request about the controller's resources may be, and the request it becomes: the
// path is built here, so that no caller writes one.

#include "base/result.hpp"
#include "controller/client.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent::core {

struct ApiOptions {
    std::string operation;  ///< get, create, update, delete or action
    std::string collection; ///< "targets"
    std::string id;         ///< empty: the collection itself
    std::string action;     ///< "add-host-sources"; empty: none
    std::vector<std::pair<std::string, std::string>> query;
    Secret body; ///< the text of a JSON object, or empty; there may be a password in it
};

/// Errc::invalid_argument for what the path's own grammar could take for something else: encoding
/// would not help against a server that decodes first.
Status check_id(std::string_view id);

/// Errc::invalid_argument or permission_denied: nothing is sent.
Result<controller::Request> api_request(ApiOptions options);

} // namespace agent::core
