// Expiry is an event: 15 and 5 minutes before a login or a session ends, with what to do.

#include "agent/agent.hpp"

#include "async/with_timeout.hpp"
#include "base/time.hpp"
#include "net/wall_timer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
constexpr std::array<std::chrono::seconds, 2> warnings{15min, 5min};
constexpr auto longest_pause = 10min;

/// When the next warning for something that ends at `expiration` is due.
WallTime next_warning(const std::string& expiration, WallTime otherwise) {
    const auto end = parse_rfc3339(expiration);
    const auto now = wall_now();
    for (const auto before : warnings)
        if (end && *end - before > now) return std::min(otherwise, *end - before);
    return otherwise;
}

} // namespace

awaitable<void> Agent::watch_expiry() {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await logins_.ready();
    for (;;) {
        const auto status = co_await this->status();
        WallTime next = wall_now() + longest_pause;
        for (const auto& login : status.logins) {
            std::size_t sessions = 0;
            for (const auto& [name, proxy] : proxies_.all())
                sessions += proxy->settings && proxy->settings->address == login.cluster &&
                            proxy->token_name == login.token_name && !proxy->held_session.empty();
            std::string next_step = "agentctl authenticate, with -addr " + login.cluster;
            if (sessions > 0)
                next_step += "; " + std::to_string(sessions) + " sessions of proxies end with it";
            warn_of_expiry("login " + login.token_id,
                           "login " + login.token_name + " at " + login.cluster, login.expiration,
                           next_step, std::nullopt);
            next = next_warning(login.expiration, next);
        }
        for (const auto& [name, proxy] : proxies_.all()) {
            const ProxyStatus& shown = proxy->status;
            if (shown.session_id.empty()) continue;
            const std::string next_step =
                proxy->persistent()
                    ? "its connections are cut then; new ones get a new session"
                    : "its connections are cut then, and the proxy ends: agentctl connect again";
            warn_of_expiry("session " + shown.session_id,
                           "session " + shown.session_id + " of proxy " + name, shown.expiration,
                           next_step, shown);
            next = next_warning(shown.expiration, next);
        }
        if (last_left_.size() > 10'000) last_left_.clear();
        co_await (net::wait_until(next) || expiry_changed_.wait());
    }
}

// Told when a mark is passed while we look, so something that lives for less than that says
// nothing.
void Agent::warn_of_expiry(const std::string& key, const std::string& what,
                           const std::string& expiration, const std::string& next_step,
                           std::optional<ProxyStatus> proxy) {
    const auto end = parse_rfc3339(expiration);
    if (!end) return;
    const auto left = std::chrono::ceil<std::chrono::seconds>(*end - wall_now());
    const auto seen = last_left_.find(key);
    const auto before = seen == last_left_.end() ? left : seen->second;
    last_left_[key] = left;
    if (left <= 0s) last_left_.erase(key);
    for (const auto mark : warnings) {
        if (before <= mark || left > mark || left <= 0s) continue;
        const auto minutes = std::chrono::ceil<std::chrono::minutes>(left).count();
        events_.publish("expiry-near",
                        what + " ends in " + std::to_string(minutes) + " minutes: " + next_step,
                        std::move(proxy));
        return;
    }
}

} // namespace agent::core
