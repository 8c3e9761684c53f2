#pragma once
// Which events a person is told, and in which words: only when somebody must act, or something they
// rely on has ended. Notifications shows what comes out of here.

#include "ipc/messages/types.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace agentd {

struct Notice {
    enum class Cause : std::uint8_t { login_needed, session_canceled, expiry_near, port_blocked };
    Cause cause = Cause::login_needed;
    std::string about; ///< the proxy, or for logins the cluster: one notice in ten minutes for it
                       ///< and the cause
    std::string summary;
    std::string body;
    std::string action;       ///< "login" or "reconnect"; empty: nothing to press
    std::string action_label; ///< on the button
    ipc::Proxy proxy;         ///< as it was then
};

class Notices {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::minutes quiet_time{10};

    /// The notice that an event deserves now.
    std::optional<Notice> take(const ipc::Event& event, Clock::time_point now);

  private:
    std::optional<Notice> notice_of(const ipc::Event& event) const;
    bool canceled_by_somebody_else(const ipc::Event& event) const;
    bool told_lately(const Notice& notice, Clock::time_point now);

    std::map<std::pair<Notice::Cause, std::string>, Clock::time_point> told_;
    std::deque<std::string>
        canceled_here_; ///< messages about sessions that were canceled through this agent
};

/// What a person types to log in at `cluster` (an address; empty: the usual one).
std::string login_command(const std::string& cluster);

} // namespace agentd
