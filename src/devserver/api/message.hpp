#pragma once
// What goes into the API and what comes out, without sockets: http_server.cpp fills and writes
// them, tests do too.

#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace devserver {

using agent::Json;

struct HttpRequest {
    std::string method; ///< "GET", "POST" …
    std::string target; ///< path and query as on the wire
    std::string authorization;
    std::string body;
};

/// Without a body for DELETE's 204 and for what never reaches a resource.
struct Reply {
    unsigned status = 200;
    std::optional<Json> body;
};

using Refusal = std::optional<Reply>;

} // namespace devserver
