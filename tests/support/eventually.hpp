#pragma once
// eventually(predicate): waits for a state that no event announces, by asking again until a
// deadline.

#include <chrono>
#include <thread>

namespace agent::test {

template <class Predicate>
bool eventually(Predicate predicate,
                std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        if (predicate()) return true;
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

} // namespace agent::test
