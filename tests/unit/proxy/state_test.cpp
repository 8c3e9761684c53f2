#include "proxy/state.hpp"

#include "support/catch.hpp"

using namespace agent::proxy;
using Event = StateEvent;

namespace {

State after(std::initializer_list<Event> events) {
    Standing standing;
    for (const auto event : events) standing = next(standing, event);
    return state_of(standing);
}

} // namespace

TEST_CASE("state: a transient proxy's life, in order") {
    CHECK(after({}) == State::starting);
    CHECK(after({Event::session_given}) == State::starting);
    CHECK(after({Event::session_given, Event::listening}) == State::ready);
    CHECK(after({Event::session_given, Event::listening, Event::connection_opened}) == State::busy);
    CHECK(after({Event::session_given, Event::listening, Event::connection_opened,
                 Event::connections_idle}) == State::ready);
    CHECK(after({Event::session_given, Event::listening, Event::connection_opened, Event::stop}) ==
          State::stopping);
    CHECK(after({Event::session_given, Event::listening, Event::stop, Event::all_gone}) ==
          State::ended);
}

TEST_CASE("state: a persistent proxy listens before it has a session, and says what it waits for") {
    CHECK(after({Event::listening}) == State::idle);
    CHECK(after({Event::listening, Event::authorizing}) == State::authorizing);
    CHECK(after({Event::listening, Event::authorizing, Event::login_missing}) ==
          State::waiting_login);
    CHECK(after({Event::listening, Event::authorizing, Event::network_missing}) ==
          State::waiting_network);
    CHECK(after({Event::listening, Event::authorizing, Event::person_needed}) == State::blocked);
    CHECK(after({Event::listening, Event::authorizing, Event::nothing_wanted}) == State::idle);
    CHECK(after({Event::listening, Event::login_missing, Event::session_given}) == State::ready);
    CHECK(after({Event::listening, Event::session_given, Event::session_over}) == State::idle);
}

TEST_CASE("state: connections of a session that is over keep the proxy busy, and then it is idle") {
    const auto busy = {Event::listening, Event::session_given, Event::connection_opened,
                       Event::session_over};
    CHECK(after(busy) == State::busy);
    CHECK(after({Event::listening, Event::session_given, Event::connection_opened,
                 Event::session_over, Event::connections_idle}) == State::idle);
    CHECK(after({Event::listening, Event::session_given, Event::connection_opened,
                 Event::session_over, Event::login_missing}) == State::waiting_login);
}

TEST_CASE("state: a taken port blocks whatever else is true, until it is free") {
    CHECK(after({Event::port_taken}) == State::blocked);
    CHECK(after({Event::port_taken, Event::session_given}) == State::blocked);
    CHECK(after({Event::port_taken, Event::session_given, Event::listening}) == State::ready);
    CHECK(after({Event::port_taken, Event::listening}) == State::idle);
}

TEST_CASE("state: what a proxy with a session is told to wait for means nothing") {
    CHECK(after({Event::listening, Event::session_given, Event::login_missing}) == State::ready);
}

TEST_CASE("state: nothing leads back from stopping or ended") {
    for (const auto event :
         {Event::listening, Event::port_taken, Event::session_given, Event::session_over,
          Event::login_missing, Event::connection_opened, Event::connections_idle, Event::stop}) {
        CHECK(after({Event::listening, Event::stop, event}) == State::stopping);
        CHECK(after({Event::listening, Event::all_gone, event}) == State::ended);
    }
}

TEST_CASE("state: every state and every wait has a name of its own") {
    for (int i = 0; i <= static_cast<int>(State::ended); ++i) {
        CHECK_FALSE(name_of(static_cast<State>(i)).empty());
        for (int other = 0; other < i; ++other)
            CHECK(name_of(static_cast<State>(i)) != name_of(static_cast<State>(other)));
    }
}
