#pragma once
// State: what others see of a proxy, and the one place where it changes. Every event changes one of
// the facts in Standing (next), and the facts make the state (state_of). README.md draws it.

#include "model/proxy_state.hpp"

#include <cstdint>

namespace agent::proxy {

using State = model::ProxyState;

enum class StateEvent : std::uint8_t {
    listening,         ///< the sockets are open
    port_taken,        ///< somebody else holds the port
    session_given,     ///< there is a session for new connections
    session_over,      ///< there is none any more
    authorizing,       ///< one is being asked for
    login_missing,     ///< … but nobody is logged in
    network_missing,   ///< … but the controller does not answer
    person_needed,     ///< … but only a person can say whether
    nothing_wanted,    ///< nobody waits for a session
    connection_opened, ///< the first of the present connections
    connections_idle,  ///< the last of them has gone
    stop,              ///< asked to, or with its session (a transient proxy)
    all_gone,          ///< the last thing has ended
};

/// The facts about a proxy that make its state.
struct Standing {
    enum class Phase : std::uint8_t { starting, listening, stopping, ended };
    using Wait = model::Wait;
    Phase phase = Phase::starting;
    bool port_taken = false;
    bool session = false;
    bool connected = false;
    Wait wait = Wait::none; ///< what stands between the proxy and a session; none while it has one

    friend bool operator==(const Standing&, const Standing&) = default;
};

constexpr Standing next(Standing now, StateEvent event) {
    using Phase = Standing::Phase;
    using Wait = Standing::Wait;
    const auto wait_for = [&now](Wait wait) { now.wait = now.session ? Wait::none : wait; };
    switch (event) {
    case StateEvent::listening:
        if (now.phase == Phase::starting) now.phase = Phase::listening;
        now.port_taken = false;
        break;
    case StateEvent::port_taken:
        now.port_taken = true;
        break;
    case StateEvent::session_given:
        now.session = true;
        now.wait = Wait::none;
        break;
    case StateEvent::session_over:
        now.session = false;
        break;
    case StateEvent::authorizing:
        wait_for(Wait::authorizing);
        break;
    case StateEvent::login_missing:
        wait_for(Wait::login);
        break;
    case StateEvent::network_missing:
        wait_for(Wait::network);
        break;
    case StateEvent::person_needed:
        wait_for(Wait::person);
        break;
    case StateEvent::nothing_wanted:
        wait_for(Wait::none);
        break;
    case StateEvent::connection_opened:
        now.connected = true;
        break;
    case StateEvent::connections_idle:
        now.connected = false;
        break;
    case StateEvent::stop:
        if (now.phase != Phase::ended) now.phase = Phase::stopping;
        break;
    case StateEvent::all_gone:
        now.phase = Phase::ended;
        break;
    }
    return now;
}

constexpr State state_of(const Standing& now) {
    using Wait = Standing::Wait;
    if (now.phase == Standing::Phase::ended) return State::ended;
    if (now.phase == Standing::Phase::stopping) return State::stopping;
    if (now.port_taken) return State::blocked;
    if (now.phase == Standing::Phase::starting) return State::starting;
    switch (now.wait) { // before `connected`: what waits is more urgent than what still runs on an
                        // old session
    case Wait::authorizing:
        return State::authorizing;
    case Wait::login:
        return State::waiting_login;
    case Wait::network:
        return State::waiting_network;
    case Wait::person:
        return State::blocked;
    case Wait::none:
        break;
    }
    if (now.connected) return State::busy;
    return now.session ? State::ready : State::idle;
}

} // namespace agent::proxy
