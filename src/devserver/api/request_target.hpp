#pragma once
// A request's path and query taken apart: /v1/<collection>/<id>:<action>?a=b. api.cpp routes by it.

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace devserver {

struct RequestTarget {
    bool v1 = false;        ///< the path starts with /v1/
    std::string collection; ///< "targets"
    std::string id;         ///< empty for the collection itself
    std::string action;     ///< after the last colon
    std::map<std::string, std::string> query;
};

/// Errc::invalid_argument for broken percent encoding, a name given twice, or more path elements
/// than there can be.
agent::Result<RequestTarget> parse_request_target(std::string_view target);

} // namespace devserver
