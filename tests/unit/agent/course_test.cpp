// Every event in every state of a proxy's course, against the drawing in
// src/agent/proxy/README.md, and what the states mean to whoever asks.

#include "agent/proxy/managed_proxy.hpp"
#include "support/catch.hpp"

#include <boost/asio/io_context.hpp>

#include <initializer_list>
#include <vector>

namespace agent::test::course_cases {
using namespace core;
using Process = Course::Process;
using Purpose = Course::Purpose;
using Session = Course::Session;
using Check = Course::Check;
using Provider = Course::Provider;
using Person = Course::Person;
using LoginCall = Course::LoginCall;
using PingState = Course::Ping;
using Event = CourseEvent;
using Outcome = CourseOutcome;

namespace {

template <class Enum> std::vector<Enum> all_up_to(Enum last) {
    std::vector<Enum> all;
    for (int i = 0; i <= static_cast<int>(last); ++i) all.push_back(static_cast<Enum>(i));
    return all;
}

/// What an event does, by the state in which it comes.
template <class State> struct Moves {
    Event event;
    struct Move {
        State from, to;
    };
    std::vector<Move> moves;
    std::vector<State> impossible;
};

/// In all states: where there is neither a move nor an impossibility the event is ignored, and what
/// no line names is not of this region.
template <class State>
void check_region(State Course::* region, State last, const std::vector<Moves<State>>& lines) {
    for (const State from : all_up_to(last))
        for (const Event event : all_up_to(last_course_event)) {
            Course before;
            before.*region = from;
            Course after = before;
            const Outcome outcome = take(after, event);
            INFO("state " << static_cast<int>(from) << ", event " << std::string(name_of(event)));
            const Moves<State>* line = nullptr;
            for (const auto& one : lines)
                if (one.event == event) line = &one;
            if (line == nullptr) { // another region's
                CHECK(after.*region == from);
                continue;
            }
            State to = from;
            for (const auto& move : line->moves)
                if (move.from == from) to = move.to;
            bool impossible = false;
            for (const State one : line->impossible) impossible = impossible || one == from;
            Course expected = before;
            expected.*region = to;
            CHECK(after == expected); // and nothing else
            const Outcome known = to == from ? Outcome::ignored : Outcome::moved;
            CHECK(outcome == (impossible ? Outcome::unexpected : known));
        }
}

Course after(std::initializer_list<Event> events) {
    Course course;
    for (const Event event : events) REQUIRE(take(course, event) != Outcome::unexpected);
    return course;
}

struct OneProxy {
    explicit OneProxy(std::initializer_list<Event> events) {
        for (const Event event : events) proxy.on(event);
    }
    boost::asio::io_context context;
    ManagedProxy proxy{context.get_executor()};
};

} // namespace

TEST_CASE("course: the process") {
    check_region<Process>(
        &Course::process, Process::ended,
        {{Event::process_serves,
          {{Process::none, Process::running}},
          {Process::running, Process::making_way, Process::hung}},
         {Event::told_to_make_way,
          {{Process::running, Process::making_way}, {Process::hung, Process::making_way}},
          {Process::making_way, Process::ended}},
         {Event::found_hung, {{Process::running, Process::hung}}},
         {Event::not_killed, {{Process::hung, Process::running}}},
         {Event::process_gone,
          {{Process::running, Process::none},
           {Process::making_way, Process::none},
           {Process::hung, Process::none}},
          {Process::ended}},
         {Event::proxy_ended,
          {{Process::none, Process::ended},
           {Process::running, Process::ended},
           {Process::making_way, Process::ended},
           {Process::hung, Process::ended}},
          {Process::ended}}});
}

TEST_CASE("course: the purpose") {
    check_region<Purpose>(&Course::purpose, Purpose::end,
                          {{Event::told_to_end, {{Purpose::serve, Purpose::end}}}});
}

TEST_CASE("course: the session") {
    check_region<Session>(
        &Course::session, Session::over,
        {{Event::settling_began, {{Session::open, Session::settling}}, {Session::settling}},
         {Event::settling_stopped, {{Session::settling, Session::open}}, {Session::open}},
         {Event::session_known_over,
          {{Session::open, Session::over}, {Session::settling, Session::over}}}});
}

TEST_CASE("course: questions to the controller") {
    check_region<Check>(
        &Course::check, Check::asking_again,
        {{Event::suspicion, {{Check::idle, Check::asking}, {Check::asking, Check::asking_again}}},
         {Event::check_answered,
          {{Check::asking, Check::idle}, {Check::asking_again, Check::asking}},
          {Check::idle}},
         {Event::check_stopped,
          {{Check::asking, Check::idle}, {Check::asking_again, Check::idle}}}});
}

TEST_CASE("course: the way to a session") {
    check_region<Provider>(
        &Course::provider, Provider::working,
        {{Event::providing_began, {{Provider::idle, Provider::working}}, {Provider::working}},
         {Event::providing_stopped, {{Provider::working, Provider::idle}}, {Provider::idle}}});
}

TEST_CASE("course: whose decision a session is") {
    check_region<Person>(
        &Course::person, Person::asked_and_needed,
        {{Event::person_needed,
          {{Person::not_needed, Person::needed}, {Person::asked, Person::asked_and_needed}}},
         {Event::asked,
          {{Person::not_needed, Person::asked},
           {Person::needed, Person::asked},
           {Person::asked_and_needed, Person::asked}}},
         {Event::answer_known,
          {{Person::asked, Person::not_needed}, {Person::asked_and_needed, Person::needed}}},
         {Event::session_given,
          {{Person::needed, Person::not_needed},
           {Person::asked, Person::not_needed},
           {Person::asked_and_needed, Person::not_needed}}}});
}

TEST_CASE("course: the call for a login") {
    check_region<LoginCall>(
        &Course::login_call, LoginCall::told,
        {{Event::login_called_for, {{LoginCall::untold, LoginCall::told}}},
         {Event::nobody_waits_for_login, {{LoginCall::told, LoginCall::untold}}}});
}

TEST_CASE("course: pings") {
    check_region<PingState>(
        &Course::ping, PingState::asking,
        {{Event::ping_began, {{PingState::idle, PingState::asking}}, {PingState::asking}},
         {Event::ping_stopped, {{PingState::asking, PingState::idle}}, {PingState::idle}}});
}

TEST_CASE("course: each event is of one region") {
    // From a state in which every event moves something, if it can at all: one region moves.
    for (const Event event : all_up_to(last_course_event))
        for (const Process process : all_up_to(Process::ended)) {
            Course busy{process,        Purpose::serve, Session::settling, Check::asking,
                        Provider::idle, Person::asked,  LoginCall::untold, PingState::idle};
            const Course before = busy;
            take(busy, event);
            const int moved = static_cast<int>(busy.process != before.process) +
                              static_cast<int>(busy.purpose != before.purpose) +
                              static_cast<int>(busy.session != before.session) +
                              static_cast<int>(busy.check != before.check) +
                              static_cast<int>(busy.provider != before.provider) +
                              static_cast<int>(busy.person != before.person) +
                              static_cast<int>(busy.login_call != before.login_call) +
                              static_cast<int>(busy.ping != before.ping);
            INFO("process " << static_cast<int>(process) << ", event "
                            << std::string(name_of(event)));
            CHECK(moved <= 1);
        }
}

TEST_CASE("course: each event has a name of its own") {
    std::vector<std::string_view> names;
    for (const Event event : all_up_to(last_course_event)) {
        for (const auto& name : names) CHECK(name != name_of(event));
        names.push_back(name_of(event));
        CHECK(names.back() != "?");
    }
}

TEST_CASE("course: an end is final, whatever its process does afterwards") {
    for (const Event event : all_up_to(last_course_event)) {
        Course course = after({Event::process_serves, Event::proxy_ended});
        take(course, event);
        CHECK(course.process == Process::ended);
    }
}

TEST_CASE("course: one that was told to make way and hangs is replaced, and one that cannot be "
          "killed runs on") {
    CHECK(after({Event::process_serves, Event::told_to_make_way, Event::found_hung}).process ==
          Process::making_way);
    CHECK(after({Event::process_serves, Event::told_to_make_way, Event::found_hung,
                 Event::not_killed})
              .process == Process::making_way);
    CHECK(after({Event::process_serves, Event::found_hung, Event::not_killed}).process ==
          Process::running);
}

TEST_CASE("course: what was found out about a process that has gone says nothing of the next one") {
    const auto hung_at_last = {Event::process_serves, Event::process_gone, Event::found_hung,
                               Event::process_serves};
    CHECK(after(hung_at_last).process == Process::running);
    const auto old_at_last = {Event::process_serves, Event::process_gone, Event::told_to_make_way,
                              Event::process_serves};
    CHECK(after(old_at_last).process == Process::running);
}

TEST_CASE("course: whoever asks for a session decides, once") {
    const OneProxy asked({Event::person_needed, Event::asked});
    CHECK(asked.proxy.asked_for());
    CHECK_FALSE(asked.proxy.needs_person());
    // Its session turns out to be canceled while somebody waits for the next one.
    OneProxy canceled({Event::asked, Event::person_needed});
    CHECK(canceled.proxy.asked_for());
    CHECK(canceled.proxy.needs_person());
    canceled.proxy.on(Event::answer_known);
    CHECK_FALSE(canceled.proxy.asked_for());
    CHECK(canceled.proxy.needs_person());
    canceled.proxy.on(Event::session_given);
    CHECK_FALSE(canceled.proxy.needs_person());
}

TEST_CASE("course: who asks is told what the states mean") {
    const OneProxy fresh({});
    CHECK_FALSE(fresh.proxy.ended());
    CHECK_FALSE(fresh.proxy.told_to_end());
    CHECK_FALSE(fresh.proxy.session_over());
    CHECK_FALSE(fresh.proxy.wants_session());
    const OneProxy busy({Event::process_serves, Event::told_to_make_way, Event::settling_began,
                         Event::suspicion, Event::providing_began, Event::asked,
                         Event::login_called_for, Event::ping_began});
    CHECK(busy.proxy.making_way());
    CHECK(busy.proxy.settling());
    CHECK(busy.proxy.checking());
    CHECK(busy.proxy.providing());
    CHECK(busy.proxy.wants_session());
    CHECK(busy.proxy.login_called_for());
    CHECK(busy.proxy.pinging());
    const OneProxy over(
        {Event::process_serves, Event::found_hung, Event::told_to_end, Event::session_known_over});
    CHECK(over.proxy.hung());
    CHECK(over.proxy.told_to_end());
    CHECK(over.proxy.session_over());
    const OneProxy again({Event::suspicion, Event::suspicion});
    CHECK(again.proxy.checking());
    const OneProxy ended({Event::proxy_ended});
    CHECK(ended.proxy.ended());
}

TEST_CASE("course: what has begun stops, whatever ends it") {
    OneProxy one({Event::process_serves});
    {
        const During ping(one.proxy, Event::ping_began, Event::ping_stopped);
        CHECK(one.proxy.pinging());
    }
    CHECK_FALSE(one.proxy.pinging());
}

} // namespace agent::test::course_cases
