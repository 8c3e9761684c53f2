#include "agent/session/expiry_watch.hpp"

#include "base/time.hpp"
#include "net/wall_timer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <array>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
constexpr std::array<std::chrono::seconds, 2> warnings{15min, 5min};
constexpr auto longest_sleep = 10min;

/// When the next warning for something that ends at `expiration` is due.
WallTime next_warning(const std::string& expiration, WallTime otherwise) {
    const auto end = parse_rfc3339(expiration);
    const auto now = wall_now();
    for (const auto before : warnings)
        if (end && *end - before > now) return std::min(otherwise, *end - before);
    return otherwise;
}

} // namespace

awaitable<void> ExpiryWatch::run() {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) {
        const auto all = co_await list_();
        WallTime next = wall_now() + longest_sleep;
        for (const auto& one : all) {
            warn(one);
            next = next_warning(one.expiration, next);
        }
        if (last_left_.size() > 10'000) last_left_.clear();
        co_await (net::wait_until(next) || changed_.wait());
    }
}

// Told when a mark is passed while we look, so something that lives for less than that says
// nothing.
void ExpiryWatch::warn(const Expiring& one) {
    const auto end = parse_rfc3339(one.expiration);
    if (!end) return;
    const auto left = std::chrono::ceil<std::chrono::seconds>(*end - wall_now());
    const auto seen = last_left_.find(one.key);
    const auto before = seen == last_left_.end() ? left : seen->second;
    last_left_[one.key] = left;
    if (left <= 0s) last_left_.erase(one.key);
    for (const auto mark : warnings) {
        if (before <= mark || left > mark || left <= 0s) continue;
        const auto minutes = std::chrono::ceil<std::chrono::minutes>(left).count();
        events_.publish(EventKind::expiry_near,
                        one.what + " ends in " + std::to_string(minutes) +
                            " minutes: " + one.next_step,
                        one.proxy);
        return;
    }
}

} // namespace agent::core
