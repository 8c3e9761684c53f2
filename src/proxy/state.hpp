#pragma once
// State: what others see of a proxy, and the one table of how it changes.

#include <cstdint>
#include <string_view>

namespace agent::proxy {

enum class State : std::uint8_t {
    starting, ///< does not listen yet
    ready,    ///< listens, nothing is connected
    busy,     ///< listens, and carries at least one connection
    stopping, ///< listens no more; what is connected may still run
    ended,    ///< nothing is left; final
};

enum class StateEvent : std::uint8_t {
    listening,         ///< the sockets are open
    connection_opened, ///< the first of the present connections
    connections_idle,  ///< the last of them has gone
    stop,              ///< asked to, expired, or used up
    all_gone,          ///< the last thing has ended
};

constexpr State next(State state, StateEvent event) {
    if (state == State::ended || event == StateEvent::all_gone) return State::ended;
    if (state == State::stopping || event == StateEvent::stop) return State::stopping;
    switch (event) {
    case StateEvent::listening:
        return state == State::starting ? State::ready : state;
    case StateEvent::connection_opened:
        return state == State::ready ? State::busy : state;
    case StateEvent::connections_idle:
        return state == State::busy ? State::ready : state;
    default:
        return state;
    }
}

constexpr std::string_view state_name(State state) {
    switch (state) {
    case State::starting:
        return "starting";
    case State::ready:
        return "ready";
    case State::busy:
        return "busy";
    case State::stopping:
        return "stopping";
    case State::ended:
        return "ended";
    }
    return "";
}

} // namespace agent::proxy
