#include "agentd/launcher/old_proxy_reasons.hpp"

#include "base/time.hpp"

#include <string_view>

namespace agentd {

using agent::Errc;
using agent::Hop;
using namespace agent::core;

namespace {

enum class At : std::uint8_t { begin, anywhere };

struct Sentence {
    std::string_view part;
    At at;
    ReasonCode code;
};

// First match wins.
constexpr Sentence sentences[] = {
    {"Session has expired", At::begin, ReasonCode::session_expired},
    {"No connections left in session", At::begin, ReasonCode::connections_used_up},
    {"Inactivity", At::begin, ReasonCode::inactive},
    {"Logged out", At::begin, ReasonCode::logged_out},
    {"Session canceled", At::begin, ReasonCode::session_canceled},
    {"was canceled at the controller", At::anywhere, ReasonCode::session_canceled},
    {"Session ended: deleted", At::begin, ReasonCode::session_deleted},
    {"Session ended", At::begin, ReasonCode::session_terminated},
    {"connections are used up, or it was canceled", At::anywhere, ReasonCode::session_refused},
    {"the session was canceled before its first use", At::anywhere, ReasonCode::session_refused},
    {"the controller refuses", At::begin, ReasonCode::controller_refused},
    {"a client waits for a session", At::begin, ReasonCode::client_waiting},
    {"listen on ", At::begin, ReasonCode::port_taken},
    {"Disconnected", At::begin, ReasonCode::disconnected},
    {"Replaced by version", At::begin, ReasonCode::process_replaced},
    {"config.toml has changed", At::begin, ReasonCode::configuration_changed},
    {"agent-proxy was told to end", At::begin, ReasonCode::stopped},
};

} // namespace

ReasonCode old_reason(ProxyState state, const std::string& sentence) {
    if (sentence.empty()) return ReasonCode::none;
    for (const auto& one : sentences) {
        const auto at = sentence.find(one.part);
        if (at == 0 || (one.at == At::anywhere && at != std::string::npos)) return one.code;
    }
    if (state == ProxyState::waiting_login) return ReasonCode::login_needed;
    if (state == ProxyState::waiting_network) return ReasonCode::controller_unreachable;
    if (state == ProxyState::authorizing) return ReasonCode::asking_controller;
    return ReasonCode::other;
}

void old_failure(agent::model::ConnectionFailure& failure) {
    const auto says = [&](std::string_view part) {
        return failure.message.find(part) != std::string::npos;
    };
    failure.code = Errc::worker_refused;
    failure.hop = Hop::worker;
    if (says("could not connect to the target")) {
        failure.code = Errc::endpoint_unreachable;
        failure.hop = Hop::target;
    } else if (says("used up")) {
        failure.code = Errc::session_over;
        failure.hop = Hop::limit;
    }
}

void OldProxyReasons::take(EventKind kind) {
    if (kind == EventKind::connection_opened) opened_since_ = true;
}

void OldProxyReasons::complete(ProxyStatus& status) {
    status.reason_code = old_reason(status.state, status.reason);
    if (status.connections_failed != failures_) {
        failed_at_ = agent::format_rfc3339(agent::wall_now());
        opened_since_ = false;
    }
    failures_ = status.connections_failed;
    if (status.last_failure.message.empty()) return;
    old_failure(status.last_failure);
    status.last_failure.time = failed_at_;
    status.failing = !opened_since_;
}

} // namespace agentd
