#pragma once
// A connection that failed.

#include "base/error.hpp"

#include <cstdint>
#include <string>

namespace agent::model {

struct ConnectionFailure {
    std::string message; ///< empty: there has been none
    Errc code = Errc::internal;
    Hop hop = Hop::worker;
    std::string time; ///< empty: an older agent-proxy, which does not say
};

/// Of a connection that came over the Unix socket: its process finds its own end here.
struct ClientFailure : ConnectionFailure {
    std::int64_t pid = 0;
    std::int64_t number = 0; ///< among all failures of this proxy
};

} // namespace agent::model
