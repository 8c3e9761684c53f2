#pragma once
// The state of a proxy as others see it, and what it waits for. src/proxy/README.md draws it.

#include "model/names.hpp"

#include <cstdint>

namespace agent::model {

enum class ProxyState : std::uint8_t {
    starting,    ///< does not listen yet
    blocked,     ///< somebody else holds its port, or it waits for a person; the reason says which
    idle,        ///< listens, has no session; the first client gets one
    authorizing, ///< a session is being asked for; clients are held
    waiting_login,   ///< no session without a login; clients are held
    waiting_network, ///< the controller cannot be reached; clients are held
    ready,           ///< listens, has a session, nothing is connected
    busy,            ///< carries at least one connection
    stopping,        ///< listens no more; what is connected may still run
    ended,           ///< nothing is left; final
};
template <>
inline constexpr auto names<ProxyState> = std::to_array<Name<ProxyState>>({
    {ProxyState::starting, "starting"},
    {ProxyState::blocked, "blocked"},
    {ProxyState::idle, "idle"},
    {ProxyState::authorizing, "authorizing"},
    {ProxyState::waiting_login, "waiting-login"},
    {ProxyState::waiting_network, "waiting-network"},
    {ProxyState::ready, "ready"},
    {ProxyState::busy, "busy"},
    {ProxyState::stopping, "stopping"},
    {ProxyState::ended, "ended"},
});
static_assert(complete(ProxyState::ended));

/// What stands between a persistent proxy and a session.
enum class Wait : std::uint8_t {
    none,        ///< nothing, or nobody wants one
    authorizing, ///< the controller's answer
    login,
    network, ///< the controller cannot be reached
    person,  ///< clients are turned away until somebody decides
};
template <>
inline constexpr auto names<Wait> = std::to_array<Name<Wait>>({
    {Wait::none, "none"},
    {Wait::authorizing, "authorizing"},
    {Wait::login, "login"},
    {Wait::network, "network"},
    {Wait::person, "person"},
});
static_assert(complete(Wait::person));

} // namespace agent::model
