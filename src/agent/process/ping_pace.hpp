#pragma once
// How patient the agent is with agent-proxies that say nothing, and which silence counts.

#include "net/clock_watch.hpp"

#include <chrono>

namespace agent::core {

struct PingPace {
    std::chrono::milliseconds period{
        60'000}; ///< between pings of a proxy that says nothing by itself
    std::chrono::milliseconds answer{20'000};
    static constexpr int unanswered = 2; ///< in a row, and it hangs
};

/// Not when the machine slept meanwhile, or when we ourselves stood still: then the other side may
/// have, too.
inline bool silence_counts(const net::ClockReading& asked, const net::ClockReading& gave_up,
                           std::chrono::milliseconds limit) {
    constexpr std::chrono::seconds late{3};
    return net::compare(asked, gave_up).slept < std::chrono::seconds(1) &&
           gave_up.awake - asked.awake < limit + late;
}

} // namespace agent::core
