#pragma once
// What a controller's session object says of its state.

#include "agent/proxy_status.hpp"
#include "base/json.hpp"
#include "model/session_state.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace agent::core {

/// nullopt: it says none, or one that we do not know.
inline std::optional<model::SessionStatus> status_of(const Json& session) {
    return model::from_name<model::SessionStatus>(string_member(session, "status"));
}

/// No later connection of it will work.
inline bool is_over(const Json& session) {
    const auto status = status_of(session);
    return status == model::SessionStatus::canceling || status == model::SessionStatus::terminated;
}

inline std::optional<model::Termination> termination_of(const Json& session) {
    return model::from_name<model::Termination>(string_member(session, "termination_reason"));
}

/// Why it is over.
inline Reason reason_of(const Json& session) {
    std::string words = string_member(session, "termination_reason");
    const auto termination = termination_of(session);
    if (words.empty() || termination == model::Termination::canceled)
        return Reason(ReasonCode::session_canceled);
    if (termination == model::Termination::timed_out) return Reason(ReasonCode::session_expired);
    if (termination == model::Termination::connection_limit)
        return Reason(ReasonCode::connections_used_up);
    if (termination == model::Termination::deleted) return Reason(ReasonCode::session_deleted);
    return Reason(ReasonCode::session_terminated, "Session ended: " + std::move(words));
}

} // namespace agent::core
