#include "agent/proxy/pace.hpp"

#include "base/random.hpp"

#include <algorithm>

namespace agent::core {

using namespace std::chrono_literals;

std::chrono::milliseconds Pace::wait(Clock::time_point now) const {
    auto earliest = not_before_;
    if (attempts_.size() >= attempts_per_minute)
        earliest = std::max(earliest, attempts_[attempts_.size() - attempts_per_minute] + 60s);
    if (earliest <= now) return 0ms;
    return std::chrono::ceil<std::chrono::milliseconds>(earliest - now);
}

void Pace::attempt(Clock::time_point now) {
    attempts_.push_back(now);
    while (attempts_.size() > attempts_per_minute) attempts_.pop_front();
}

void Pace::failed(Clock::time_point now, std::chrono::seconds asked) {
    back_off_ = std::clamp(back_off_ * 2, shortest, longest);
    // between half and the whole of it: many agents that lost one controller do not come back
    // together
    const auto spread = random_below(static_cast<std::size_t>(back_off_.count()) / 2 + 1);
    const auto pause = back_off_ / 2 + std::chrono::milliseconds(spread);
    told_ = asked > 0s;
    not_before_ = now + std::max<std::chrono::milliseconds>(pause, asked);
}

void Pace::succeeded() {
    back_off_ = 0ms;
    not_before_ = {};
    told_ = false;
}

void Pace::hurry() {
    back_off_ = 0ms;
    if (!told_) not_before_ = {};
}

void Pace::network_back(Clock::time_point now) {
    hurry();
    if (forgiven_ != Clock::time_point{} && now - forgiven_ < 10s) return;
    forgiven_ = now;
    attempts_.clear();
}

} // namespace agent::core
