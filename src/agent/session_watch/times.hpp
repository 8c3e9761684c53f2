#pragma once
// How often what is held is looked at.

#include <chrono>

namespace agent::session_watch {

struct Times {
    std::chrono::milliseconds interval{3'500};
    std::chrono::milliseconds longest{60'000};           ///< between questions, after failures
    std::chrono::milliseconds reads_apart{500};          ///< where each session is read
    std::chrono::milliseconds list_again_after{600'000}; ///< where lists are of no use
    std::chrono::milliseconds told_again_after{30'000};  ///< one that is still held
};

} // namespace agent::session_watch
