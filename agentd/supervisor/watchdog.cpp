#include "agentd/supervisor/watchdog.hpp"

namespace supervisor {

bool Watchdog::expired(Clock::time_point now) {
    if (now < deadline_) return false;
    const bool in_time = now - deadline_ < too_late;
    deadline_ = now + limit_;
    return in_time;
}

} // namespace supervisor
