#pragma once
// What stands between a proxy and its target.

#include "model/proxy_state.hpp"
#include "model/reason.hpp"

#include <optional>
#include <string>
#include <vector>

namespace agent::model {

struct Explanation {
    std::string name;
    ProxyState state = ProxyState::ended;
    ReasonCode reason_code = ReasonCode::none;
    std::string since;
    std::optional<Hop> hop; ///< nullopt: nothing stands in the way
    std::string explanation;
    std::string next_step;
    struct Past {
        std::string time;
        std::string kind;
        std::string message;
    };
    std::vector<Past> history; ///< newest last
};

} // namespace agent::model
