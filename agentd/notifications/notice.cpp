#include "agentd/notifications/notice.hpp"

#include "base/time.hpp"
#include "model/event_kind.hpp"
#include "model/proxy_state.hpp"
#include "model/reason.hpp"

#include <algorithm>

namespace agentd {

using agent::model::EventKind;
using agent::model::ProxyState;
using agent::model::ReasonCode;

namespace {

constexpr std::size_t remembered_cancels = 64;

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::optional<EventKind> kind_of(const ipc::Event& event) {
    return agent::model::from_name<EventKind>(event.kind);
}

/// "db (ttcp_1234567890)".
std::string name_of(const ipc::Proxy& proxy) {
    return proxy.target_id.empty() ? proxy.name : proxy.name + " (" + proxy.target_id + ")";
}

/// The last warning before it; an earlier one would keep that back.
bool near(const std::string& expiration) {
    const auto end = agent::parse_rfc3339(expiration);
    return end && *end - agent::wall_now() < std::chrono::minutes(6);
}

std::string minutes_left(const std::string& expiration) {
    const auto end = agent::parse_rfc3339(expiration);
    if (!end) return "soon";
    const auto left = std::chrono::round<std::chrono::minutes>(*end - agent::wall_now()).count();
    if (left < 1) return "in less than a minute";
    return left == 1 ? "in a minute" : "in " + std::to_string(left) + " minutes";
}

} // namespace

std::string login_command(const std::string& cluster) {
    return cluster.empty() ? "agentctl login" : "agentctl login -addr " + cluster;
}

std::optional<Notice> Notices::take(const ipc::Event& event, Clock::time_point now) {
    if (kind_of(event) == EventKind::session_canceled) {
        canceled_here_.push_back(event.message);
        if (canceled_here_.size() > remembered_cancels) canceled_here_.pop_front();
    }
    auto notice = notice_of(event);
    if (notice && told_lately(*notice, now)) return std::nullopt;
    return notice;
}

std::optional<Notice> Notices::notice_of(const ipc::Event& event) const {
    Notice notice;
    if (event.proxy) notice.proxy = *event.proxy;
    const ipc::Proxy& proxy = notice.proxy;
    notice.about = proxy.name;
    const auto kind = kind_of(event);
    if (kind == EventKind::login_needed) {
        notice.cause = Notice::Cause::login_needed;
        notice.about = proxy.cluster; // ten proxies that wait for one login are one thing to do
        notice.summary = "Log in to Boundary";
        notice.body = event.message;
        notice.action = "login";
        notice.action_label = "Log in";
        return notice;
    }
    if (!event.proxy) return std::nullopt;
    if (kind == EventKind::expiry_near && proxy.connections_open > 0 && near(proxy.expiration)) {
        notice.cause = Notice::Cause::expiry_near;
        notice.summary = "The session of " + proxy.name + " ends " + minutes_left(proxy.expiration);
        notice.body = "Connections through " + name_of(proxy) + " that are open then will be cut.";
        return notice;
    }
    if (kind == EventKind::port_blocked) {
        notice.cause = Notice::Cause::port_blocked;
        notice.summary = "Port " + std::to_string(proxy.port) + " of " + proxy.name + " is taken";
        notice.body = event.message.empty() ? proxy.reason : event.message;
        return notice;
    }
    if (canceled_by_somebody_else(event)) {
        notice.cause = Notice::Cause::session_canceled;
        notice.summary = "The session of " + proxy.name + " was canceled";
        notice.body = "Somebody canceled the session to " + name_of(proxy) +
                      ", and its connections were cut.";
        const bool can_come_back = proxy.persistent.value_or(false) ||
                                   (!proxy.cluster.empty() && !proxy.target_id.empty());
        if (can_come_back) {
            notice.action = "reconnect";
            notice.action_label = "Reconnect";
        }
        return notice;
    }
    return std::nullopt;
}

// Of a proxy that ended with its session, or of one that stays and now waits for a person. What was
// ended from here (disconnect, log out, sessions cancel) is no news to anybody.
bool Notices::canceled_by_somebody_else(const ipc::Event& event) const {
    const auto kind = kind_of(event);
    const bool over =
        kind == EventKind::proxy_ended ||
        (kind == EventKind::session_ended &&
         agent::model::from_name<ProxyState>(event.proxy->state) == ProxyState::blocked);
    const auto canceled = [](const std::optional<std::string>& code) {
        return code == name_of(ReasonCode::session_canceled);
    };
    if (!over || !(canceled(event.reason_code) || canceled(event.proxy->reason_code))) return false;
    const std::string& id = event.proxy->session_id;
    const auto is_this = [&](const std::string& message) {
        return !id.empty() && contains(message, id);
    };
    return std::ranges::none_of(canceled_here_, is_this);
}

bool Notices::told_lately(const Notice& notice, Clock::time_point now) {
    std::erase_if(told_, [&](const auto& one) { return now - one.second >= quiet_time; });
    return !told_.emplace(std::pair(notice.cause, notice.about), now).second;
}

} // namespace agentd
