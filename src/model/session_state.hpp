#pragma once
// How a session stands: at its controller, and in state.db.

#include "model/names.hpp"

#include <cstdint>

namespace agent::model {

/// The controller's "status".
enum class SessionStatus : std::uint8_t { pending, active, canceling, terminated };
template <>
inline constexpr auto names<SessionStatus> = std::to_array<Name<SessionStatus>>({
    {SessionStatus::pending, "pending"},
    {SessionStatus::active, "active"},
    {SessionStatus::canceling, "canceling"},
    {SessionStatus::terminated, "terminated"},
});
static_assert(complete(SessionStatus::terminated));

/// The controller's "termination_reason".
enum class Termination : std::uint8_t { timed_out, connection_limit, canceled, deleted };
template <>
inline constexpr auto names<Termination> = std::to_array<Name<Termination>>({
    {Termination::timed_out, "timed out"},
    {Termination::connection_limit, "connection limit"},
    {Termination::canceled, "canceled"},
    {Termination::deleted, "deleted"}, // ours, where the controller does not know it any more
});
static_assert(complete(Termination::deleted));

/// Of a row in state.db.
enum class SessionHold : std::uint8_t {
    asked,     ///< without an answer yet
    held,      ///< to be canceled when nobody holds it any more
    canceling, ///< nobody does
    lent,      ///< a caller's: not ours to cancel
};
template <>
inline constexpr auto names<SessionHold> = std::to_array<Name<SessionHold>>({
    {SessionHold::asked, "asked"},
    {SessionHold::held, "held"},
    {SessionHold::canceling, "canceling"},
    {SessionHold::lent, "lent"},
});
static_assert(complete(SessionHold::lent));

/// Who wants a proxy to come back.
enum class ProxySource : std::uint8_t {
    transient, ///< nobody, but while its session lives
    kept,      ///< `connect -keep`
    config,    ///< declared in config.toml
};
template <>
inline constexpr auto names<ProxySource> = std::to_array<Name<ProxySource>>({
    {ProxySource::transient, "transient"},
    {ProxySource::kept, "kept"},
    {ProxySource::config, "config"},
});
static_assert(complete(ProxySource::config));

} // namespace agent::model
