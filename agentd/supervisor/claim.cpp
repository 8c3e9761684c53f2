#include "agentd/supervisor/claim.hpp"

#include "agentd/instance_lock.hpp"
#include "agentd/supervisor/callers_socket.hpp"

#include <chrono>
#include <thread>

namespace supervisor {

using namespace std::chrono_literals;
using Claimed = agent::Result<std::optional<agent::UniqueFd>>;

agent::Result<std::optional<agent::UniqueFd>> claim(const Places& places) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    for (;;) {
        if (answers(places.callers)) return Claimed(std::nullopt);
        auto lock = agentd::lock_instance(places.own_lock, "agent-supervisor");
        agent::Error held;
        if (!lock) {
            held = lock.error();
            if (held.code != agent::Errc::agent_unreachable) return held;
        } else {
            const auto free = agentd::instance_free(places.agentd_lock, "agentd");
            if (free) return Claimed(std::move(*lock));
            held = free.error();
        }
        if (std::chrono::steady_clock::now() >= deadline) return held;
        std::this_thread::sleep_for(10ms);
    }
}

} // namespace supervisor
