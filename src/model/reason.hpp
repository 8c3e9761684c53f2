#pragma once
// Why a proxy is in its state, or its session over: a code for programs, a sentence for people.

#include "base/error.hpp"
#include "model/names.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace agent::model {

enum class ReasonCode : std::uint8_t {
    none,  ///< all is well
    other, ///< only the sentence says it, or a newer version's code
    // the session is over
    session_expired,
    connections_used_up,
    inactive,            ///< nobody used it for the time that was asked for
    session_canceled,    ///< by somebody, at the controller
    session_deleted,     ///< the controller does not know it any more
    session_terminated,  ///< the controller ended it for a reason of its own
    session_refused,     ///< its workers refuse it
    workers_unreachable, ///< none of its workers can be reached
    logged_out,          ///< it went with the login
    login_gone,          ///< … which the controller does not know any more
    // what it waits for
    client_waiting,
    asking_controller,
    login_needed,
    controller_unreachable,
    controller_refused,
    port_taken, ///< somebody else holds its port
    // its process
    process_died,
    process_hung,
    process_replaced, ///< for one of a newer version
    start_failed,
    stopped, ///< it was told to end from outside
    // who ended it
    disconnected,
    forgotten,
    configuration_changed,
};
template <>
inline constexpr auto names<ReasonCode> = std::to_array<Name<ReasonCode>>({
    {ReasonCode::none, ""},
    {ReasonCode::other, "other"},
    {ReasonCode::session_expired, "session-expired"},
    {ReasonCode::connections_used_up, "connections-used-up"},
    {ReasonCode::inactive, "inactive"},
    {ReasonCode::session_canceled, "session-canceled"},
    {ReasonCode::session_deleted, "session-deleted"},
    {ReasonCode::session_terminated, "session-terminated"},
    {ReasonCode::session_refused, "session-refused"},
    {ReasonCode::workers_unreachable, "workers-unreachable"},
    {ReasonCode::logged_out, "logged-out"},
    {ReasonCode::login_gone, "login-gone"},
    {ReasonCode::client_waiting, "client-waiting"},
    {ReasonCode::asking_controller, "asking-controller"},
    {ReasonCode::login_needed, "login-needed"},
    {ReasonCode::controller_unreachable, "controller-unreachable"},
    {ReasonCode::controller_refused, "controller-refused"},
    {ReasonCode::port_taken, "port-taken"},
    {ReasonCode::process_died, "process-died"},
    {ReasonCode::process_hung, "process-hung"},
    {ReasonCode::process_replaced, "process-replaced"},
    {ReasonCode::start_failed, "start-failed"},
    {ReasonCode::stopped, "stopped"},
    {ReasonCode::disconnected, "disconnected"},
    {ReasonCode::forgotten, "forgotten"},
    {ReasonCode::configuration_changed, "configuration-changed"},
});
static_assert(complete(ReasonCode::configuration_changed));

/// Where it stands in the way; nullopt: nowhere, the next connection gets its session.
constexpr std::optional<Hop> hop_of(ReasonCode code) {
    switch (code) {
    case ReasonCode::session_expired:
        return Hop::expiry;
    case ReasonCode::connections_used_up:
        return Hop::limit;
    case ReasonCode::session_refused:
    case ReasonCode::workers_unreachable:
        return Hop::worker;
    case ReasonCode::logged_out:
    case ReasonCode::login_gone:
    case ReasonCode::login_needed:
        return Hop::login;
    case ReasonCode::session_canceled:
    case ReasonCode::session_deleted:
    case ReasonCode::session_terminated:
    case ReasonCode::client_waiting:
    case ReasonCode::asking_controller:
    case ReasonCode::controller_unreachable:
    case ReasonCode::controller_refused:
        return Hop::controller;
    case ReasonCode::port_taken:
    case ReasonCode::process_died:
    case ReasonCode::process_hung:
    case ReasonCode::process_replaced:
    case ReasonCode::start_failed:
    case ReasonCode::stopped:
    case ReasonCode::disconnected:
    case ReasonCode::forgotten:
    case ReasonCode::configuration_changed:
        return Hop::local;
    case ReasonCode::none:
    case ReasonCode::other:
    case ReasonCode::inactive:
        break;
    }
    return std::nullopt;
}

/// The sentence where nothing more is known; empty for what always names something.
constexpr std::string_view usual_text(ReasonCode code) {
    switch (code) {
    case ReasonCode::session_expired:
        return "Session has expired";
    case ReasonCode::connections_used_up:
        return "No connections left in session";
    case ReasonCode::inactive:
        return "Inactivity timeout reached";
    case ReasonCode::session_canceled:
        return "Session canceled";
    case ReasonCode::session_deleted:
        return "Session ended: deleted";
    case ReasonCode::logged_out:
        return "Logged out, which canceled the session";
    case ReasonCode::login_gone:
        return "The login is no longer valid, nor is its session";
    case ReasonCode::client_waiting:
        return "a client waits for a session";
    case ReasonCode::process_died:
        return "agent-proxy died";
    case ReasonCode::process_hung:
        return "agent-proxy did not answer, was killed";
    case ReasonCode::stopped:
        return "agent-proxy was told to end";
    case ReasonCode::disconnected:
        return "Disconnected";
    case ReasonCode::forgotten:
        return "Forgotten";
    case ReasonCode::configuration_changed:
        return "config.toml has changed";
    default:
        return {};
    }
}

struct Reason {
    Reason() = default;
    explicit Reason(ReasonCode why) : code(why), text(usual_text(why)) {}
    Reason(ReasonCode why, std::string sentence) : code(why), text(std::move(sentence)) {}

    ReasonCode code = ReasonCode::none;
    std::string text;
};

} // namespace agent::model
