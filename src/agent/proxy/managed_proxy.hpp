#pragma once
// ManagedProxy: one proxy of this agent: its process, its session, and what is being done about
// both. Its life is in the files of this folder; README.md draws it.

#include "agent/proxy/course.hpp"
#include "agent/proxy/pace.hpp"
#include "agent/proxy_launcher.hpp"
#include "agent/words.hpp"
#include "async/event.hpp"
#include "controller/cluster_settings.hpp"
#include "state/records.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace agent::core {

class ManagedProxy {
  public:
    explicit ManagedProxy(boost::asio::any_io_executor executor)
        : changed(executor), hurry(executor) {}

    // How things stand (course.hpp).
    void on(CourseEvent event);
    const Course& course() const { return course_; }
    bool ended() const { return course_.process == Course::Process::ended; }
    bool making_way() const { return course_.process == Course::Process::making_way; }
    bool hung() const { return course_.process == Course::Process::hung; }
    bool told_to_end() const { return course_.purpose == Course::Purpose::end; }
    bool session_over() const { return course_.session == Course::Session::over; }
    bool settling() const { return course_.session == Course::Session::settling; }
    bool checking() const { return course_.check != Course::Check::idle; }
    bool providing() const { return course_.provider == Course::Provider::working; }
    bool needs_person() const {
        return course_.person == Course::Person::needed ||
               course_.person == Course::Person::asked_and_needed;
    }
    bool asked_for() const {
        return course_.person == Course::Person::asked ||
               course_.person == Course::Person::asked_and_needed;
    }
    bool login_called_for() const { return course_.login_call == Course::LoginCall::told; }
    bool pinging() const { return course_.ping == Course::Ping::asking; }

    bool persistent() const { return spec.persistent; }
    /// Somebody waits for a session.
    bool wants_session() const { return status.clients_waiting > 0 || status.eager || asked_for(); }

    ProxyStatus status;         ///< as its process says
    std::uint64_t revision = 0; ///< grows with each change of status
    async::Event changed;       ///< status or course
    std::shared_ptr<ProxyHandle>
        handle; ///< replaced when its process is: hold a copy while awaiting
    std::optional<controller::ClusterSettings> settings; ///< where its session can be asked for
    std::string token_name;
    std::string
        way; ///< of reuse.hpp: what was asked for when it was started; empty after an adoption

    // Its process, and to start it again (life.cpp).
    ProxySpec spec; ///< without secrets
    std::deque<std::chrono::steady_clock::time_point> deaths;
    std::int64_t protocol_version = 0;
    Reason end_reason; ///< why it was told to end
    int enders = 0;    ///< who waits for its end

    // Whether it answers (process/proxy_pings.cpp).
    std::chrono::steady_clock::time_point heard; ///< when it last said something by itself
    int unanswered = 0;                          ///< pings in a row

    // Its session, and the way to the next one (provide_session.cpp). Transient proxies have theirs
    // from the start.
    std::string
        held_session; ///< not known to be over: to be canceled when nobody holds it; empty: none
    TargetWords target;
    Pace pace;
    std::string told_end; ///< the session whose end was told last
    int put_back =
        0; ///< how often the same session was given again since one of its connections worked
    async::Event hurry;            ///< something that it waits for may have changed
    std::optional<Error> obstacle; ///< why it has no session; for `why`

    state::Counters counted; ///< what of `status` has been added to the remembered counters

  private:
    Course course_;
};

/// While it lives, what has begun goes on; `stopped` follows whatever ends it.
class During {
  public:
    /// It has begun already.
    During(ManagedProxy& proxy, CourseEvent stopped) : proxy_(proxy), stopped_(stopped) {}
    During(ManagedProxy& proxy, CourseEvent begun, CourseEvent stopped) : During(proxy, stopped) {
        proxy_.on(begun);
    }
    During(const During&) = delete;
    During& operator=(const During&) = delete;
    ~During() { proxy_.on(stopped_); }

  private:
    ManagedProxy& proxy_;
    CourseEvent stopped_;
};

} // namespace agent::core
