#include "agent/proxy/course.hpp"

#include <cstddef>

namespace agent::core {
namespace {

using Process = Course::Process;
using Purpose = Course::Purpose;
using Session = Course::Session;
using Check = Course::Check;
using Provider = Course::Provider;
using Person = Course::Person;
using LoginCall = Course::LoginCall;
using Ping = Course::Ping;
using Event = CourseEvent;

/// A row that leads where it comes from says that nothing follows. An event without a row for a
/// state cannot happen there.
template <class State> struct Row {
    State from;
    CourseEvent event;
    State to;
};

constexpr Row<Process> process_rows[] = {
    {Process::none, Event::process_serves, Process::running},
    {Process::ended, Event::process_serves, Process::ended}, // ended while one was being started

    {Process::running, Event::told_to_make_way, Process::making_way},
    {Process::hung, Event::told_to_make_way, Process::making_way}, // the next one is ours anyhow
    {Process::none, Event::told_to_make_way, Process::none},       // so it is here

    {Process::running, Event::found_hung, Process::hung},
    {Process::none, Event::found_hung, Process::none},
    {Process::making_way, Event::found_hung, Process::making_way}, // it is killed and replaced
    {Process::hung, Event::found_hung, Process::hung},
    {Process::ended, Event::found_hung, Process::ended},

    {Process::hung, Event::not_killed, Process::running},
    {Process::none, Event::not_killed, Process::none},
    {Process::running, Event::not_killed, Process::running},
    {Process::making_way, Event::not_killed, Process::making_way},
    {Process::ended, Event::not_killed, Process::ended},

    {Process::running, Event::process_gone, Process::none},
    {Process::making_way, Event::process_gone, Process::none},
    {Process::hung, Event::process_gone, Process::none},
    {Process::none, Event::process_gone, Process::none}, // noticed again after a lack of memory

    {Process::none, Event::proxy_ended, Process::ended},
    {Process::running, Event::proxy_ended, Process::ended},
    {Process::making_way, Event::proxy_ended, Process::ended},
    {Process::hung, Event::proxy_ended, Process::ended},
};

constexpr Row<Purpose> purpose_rows[] = {
    {Purpose::serve, Event::told_to_end, Purpose::end},
    {Purpose::end, Event::told_to_end, Purpose::end}, // by another one, for another reason
};

constexpr Row<Session> session_rows[] = {
    {Session::open, Event::settling_began, Session::settling},
    {Session::over, Event::settling_began, Session::over},
    {Session::settling, Event::settling_stopped, Session::open},
    {Session::over, Event::settling_stopped, Session::over},
    {Session::open, Event::session_known_over, Session::over},
    {Session::settling, Event::session_known_over, Session::over},
    {Session::over, Event::session_known_over, Session::over},
};

constexpr Row<Check> check_rows[] = {
    {Check::idle, Event::suspicion, Check::asking},
    {Check::asking, Event::suspicion, Check::asking_again},
    {Check::asking_again, Event::suspicion, Check::asking_again},
    {Check::asking, Event::check_answered, Check::idle},
    {Check::asking_again, Event::check_answered, Check::asking},
    {Check::idle, Event::check_stopped, Check::idle},
    {Check::asking, Event::check_stopped, Check::idle},
    {Check::asking_again, Event::check_stopped, Check::idle},
};

constexpr Row<Provider> provider_rows[] = {
    {Provider::idle, Event::providing_began, Provider::working},
    {Provider::working, Event::providing_stopped, Provider::idle},
};

constexpr Row<Person> person_rows[] = {
    {Person::not_needed, Event::person_needed, Person::needed},
    {Person::needed, Event::person_needed, Person::needed},
    {Person::asked, Event::person_needed, Person::asked_and_needed},
    {Person::asked_and_needed, Event::person_needed, Person::asked_and_needed},

    {Person::not_needed, Event::asked, Person::asked},
    {Person::needed, Event::asked, Person::asked},
    {Person::asked, Event::asked, Person::asked},
    {Person::asked_and_needed, Event::asked, Person::asked},

    {Person::not_needed, Event::answer_known, Person::not_needed},
    {Person::needed, Event::answer_known, Person::needed},
    {Person::asked, Event::answer_known, Person::not_needed},
    {Person::asked_and_needed, Event::answer_known, Person::needed},

    {Person::not_needed, Event::session_given, Person::not_needed},
    {Person::needed, Event::session_given, Person::not_needed},
    {Person::asked, Event::session_given, Person::not_needed},
    {Person::asked_and_needed, Event::session_given, Person::not_needed},
};

constexpr Row<LoginCall> login_call_rows[] = {
    {LoginCall::untold, Event::login_called_for, LoginCall::told},
    {LoginCall::told, Event::login_called_for, LoginCall::told},
    {LoginCall::untold, Event::nobody_waits_for_login, LoginCall::untold},
    {LoginCall::told, Event::nobody_waits_for_login, LoginCall::untold},
};

constexpr Row<Ping> ping_rows[] = {
    {Ping::idle, Event::ping_began, Ping::asking},
    {Ping::asking, Event::ping_stopped, Ping::idle},
};

template <class State, std::size_t size>
void take_in(State& state, const Row<State> (&rows)[size], CourseEvent event,
             CourseOutcome& outcome) {
    for (const auto& row : rows) {
        if (row.event != event || row.from != state) continue;
        outcome = row.to == state ? CourseOutcome::ignored : CourseOutcome::moved;
        state = row.to;
        return;
    }
}

} // namespace

CourseOutcome take(Course& course, CourseEvent event) {
    auto outcome = CourseOutcome::unexpected;
    take_in(course.process, process_rows, event, outcome);
    take_in(course.purpose, purpose_rows, event, outcome);
    take_in(course.session, session_rows, event, outcome);
    take_in(course.check, check_rows, event, outcome);
    take_in(course.provider, provider_rows, event, outcome);
    take_in(course.person, person_rows, event, outcome);
    take_in(course.login_call, login_call_rows, event, outcome);
    take_in(course.ping, ping_rows, event, outcome);
    return outcome;
}

std::string_view name_of(CourseEvent event) {
    switch (event) {
    case Event::process_serves:
        return "process-serves";
    case Event::told_to_make_way:
        return "told-to-make-way";
    case Event::found_hung:
        return "found-hung";
    case Event::not_killed:
        return "not-killed";
    case Event::process_gone:
        return "process-gone";
    case Event::proxy_ended:
        return "proxy-ended";
    case Event::told_to_end:
        return "told-to-end";
    case Event::settling_began:
        return "settling-began";
    case Event::settling_stopped:
        return "settling-stopped";
    case Event::session_known_over:
        return "session-known-over";
    case Event::suspicion:
        return "suspicion";
    case Event::check_answered:
        return "check-answered";
    case Event::check_stopped:
        return "check-stopped";
    case Event::providing_began:
        return "providing-began";
    case Event::providing_stopped:
        return "providing-stopped";
    case Event::person_needed:
        return "person-needed";
    case Event::asked:
        return "asked";
    case Event::answer_known:
        return "answer-known";
    case Event::session_given:
        return "session-given";
    case Event::login_called_for:
        return "login-called-for";
    case Event::nobody_waits_for_login:
        return "nobody-waits-for-login";
    case Event::ping_began:
        return "ping-began";
    case Event::ping_stopped:
        return "ping-stopped";
    }
    return "?";
}

} // namespace agent::core
