#include "proxy/state.hpp"

#include "support/catch.hpp"

using agent::proxy::next;
using agent::proxy::State;
using agent::proxy::StateEvent;

TEST_CASE("state: a proxy's life, in order") {
    CHECK(next(State::starting, StateEvent::listening) == State::ready);
    CHECK(next(State::ready, StateEvent::connection_opened) == State::busy);
    CHECK(next(State::busy, StateEvent::connection_opened) == State::busy);
    CHECK(next(State::busy, StateEvent::connections_idle) == State::ready);
    CHECK(next(State::busy, StateEvent::stop) == State::stopping);
    CHECK(next(State::stopping, StateEvent::all_gone) == State::ended);
}

TEST_CASE("state: nothing leads back from stopping or ended") {
    for (const auto event :
         {StateEvent::listening, StateEvent::connection_opened, StateEvent::connections_idle, StateEvent::stop}) {
        CHECK(next(State::stopping, event) == State::stopping);
        CHECK(next(State::ended, event) == State::ended);
    }
}
