#pragma once
// What an event is about.

#include "model/names.hpp"

#include <cstdint>

namespace agent::model {

enum class EventKind : std::uint8_t {
    proxy_started,
    proxy_changed,
    proxy_ended,
    connection_opened,
    connection_closed,
    connection_failed,
    connection_recovered, ///< the first one that carried something after a failure
    login,
    logout,
    session_canceled, ///< through this agent
    session_given,
    session_ended,  ///< for good
    session_wanted, ///< a client waits; between an agent-proxy and agentd
    session_lost,   ///< its workers refuse it: its controller knows more; as session_wanted
    login_needed,
    expiry_near,
    limit_near, ///< one connection is left in a session
    port_blocked,
    clusters_changed,
    other, ///< of a newer agent-proxy
};
template <>
inline constexpr auto names<EventKind> = std::to_array<Name<EventKind>>({
    {EventKind::proxy_started, "proxy-started"},
    {EventKind::proxy_changed, "proxy-changed"},
    {EventKind::proxy_ended, "proxy-ended"},
    {EventKind::connection_opened, "connection-opened"},
    {EventKind::connection_closed, "connection-closed"},
    {EventKind::connection_failed, "connection-failed"},
    {EventKind::connection_recovered, "connection-recovered"},
    {EventKind::login, "login"},
    {EventKind::logout, "logout"},
    {EventKind::session_canceled, "session-canceled"},
    {EventKind::session_given, "session-given"},
    {EventKind::session_ended, "session-ended"},
    {EventKind::session_wanted, "session-wanted"},
    {EventKind::session_lost, "session-lost"},
    {EventKind::login_needed, "login-needed"},
    {EventKind::expiry_near, "expiry-near"},
    {EventKind::limit_near, "limit-near"},
    {EventKind::port_blocked, "port-blocked"},
    {EventKind::clusters_changed, "clusters-changed"},
    {EventKind::other, "proxy-changed"}, // what else is known of it: the proxy is not as before
});
static_assert(complete(EventKind::other));

} // namespace agent::model
