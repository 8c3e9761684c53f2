#pragma once
// Course: how things stand between agentd and one proxy, and the one place where that changes.
// Nothing here waits, calls or knows a process: whoever does (the files beside it) says what
// happened, and asks. README.md draws it, course.cpp has it as tables, course_test.cpp goes
// through every event in every state.

#include <cstdint>
#include <string_view>

namespace agent::core {

struct Course {
    /// Its process.
    enum class Process : std::uint8_t {
        none, ///< not yet, or not any more: one is being started
        running,
        making_way, ///< it was told to end for one of our version
        hung,       ///< it did not answer: it is being killed for another one
        ended,      ///< so is the proxy; final
    };
    /// What is wanted of it.
    enum class Purpose : std::uint8_t {
        serve,
        end, ///< it was told to: nobody starts another process
    };
    /// What is known of the session that it holds.
    enum class Session : std::uint8_t {
        open,     ///< nothing says that it is over
        settling, ///< we are canceling it
        over,     ///< and so is the proxy: nothing is left to cancel
    };
    /// Whether the controller is being asked about that session.
    enum class Check : std::uint8_t {
        idle,
        asking,
        asking_again, ///< something happened that the answer may not know of
    };
    /// The way to the next session (provide_session.cpp).
    enum class Provider : std::uint8_t { idle, working };
    /// Whose decision the next session is.
    enum class Person : std::uint8_t {
        not_needed,       ///< a client's that waits, or its own: `eager`
        needed,           ///< a person's, who has not decided
        asked,            ///< somebody wants one now, whether or not a client waits
        asked_and_needed, ///< … and if that gets none, somebody has to ask once more
    };
    /// Whether those who wait have been told that a login is needed.
    enum class LoginCall : std::uint8_t { untold, told };
    /// Whether its process is being asked if it lives.
    enum class Ping : std::uint8_t { idle, asking };

    Process process = Process::none;
    Purpose purpose = Purpose::serve;
    Session session = Session::open;
    Check check = Check::idle;
    Provider provider = Provider::idle;
    Person person = Person::not_needed;
    LoginCall login_call = LoginCall::untold;
    Ping ping = Ping::idle;

    friend bool operator==(const Course&, const Course&) = default;
};

/// Each moves one of the states above.
enum class CourseEvent : std::uint8_t {
    // process
    process_serves, ///< a new one, or one that was found running
    told_to_make_way,
    found_hung,
    not_killed, ///< one that hangs, although we tried
    process_gone,
    proxy_ended,
    // purpose
    told_to_end,
    // session
    settling_began,
    settling_stopped,
    session_known_over,
    // check
    suspicion, ///< a connection was refused or cut: the session may be over
    check_answered,
    check_stopped, ///< whatever it came to
    // provider
    providing_began,
    providing_stopped,
    // person
    person_needed, ///< the session was canceled by somebody
    asked,         ///< by a person, or by a client that was turned away, after a while
    answer_known,  ///< what stands in the way: whoever asked sees it
    session_given,
    // login call
    login_called_for,
    nobody_waits_for_login,
    // ping
    ping_began,
    ping_stopped,
};
inline constexpr CourseEvent last_course_event = CourseEvent::ping_stopped;

std::string_view name_of(CourseEvent event);

enum class CourseOutcome : std::uint8_t {
    moved,
    ignored,    ///< nothing follows from it in this state
    unexpected, ///< it cannot happen in this state: a mistake of ours
};

/// Moves `course`, if something follows from the event.
CourseOutcome take(Course& course, CourseEvent event);

} // namespace agent::core
