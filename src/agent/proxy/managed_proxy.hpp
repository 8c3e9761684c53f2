#pragma once
// ManagedProxy: one proxy of this agent: its process, its session, and what is being done about
// both. Its life is in the files of this folder; README.md draws it.

#include "agent/options.hpp"
#include "agent/proxy/course.hpp"
#include "agent/proxy/pace.hpp"
#include "agent/proxy_launcher.hpp"
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

struct Authorized;
struct Parts;
struct ProcessEnd;
struct SessionSecrets;

class ManagedProxy : public std::enable_shared_from_this<ManagedProxy> {
  public:
    /// `parts` outlive it.
    explicit ManagedProxy(const Parts& parts);
    /// One whose life nobody leads: for whoever only looks at it.
    explicit ManagedProxy(boost::asio::any_io_executor executor)
        : changed(executor), hurry(executor) {}
    /// What it will be, without its name and its session.
    static std::shared_ptr<ManagedProxy> make(const Parts& parts, const ClusterChoice& choice,
                                              const ConnectOptions& options);

    // Its process (life.cpp, revive.cpp). Whoever awaits one of these holds the proxy meanwhile.
    /// In a process of its own, or in the one that is given.
    awaitable<Result<ProxyStatus>> start(std::optional<SessionSecrets> secrets);
    awaitable<Result<ProxyStatus>> serve(std::shared_ptr<ProxyHandle> process,
                                         std::optional<SessionSecrets> secrets);
    /// It runs: known from now on, and followed until it ends.
    void begin();
    void tell_started(std::string message);
    /// Its process is of an older version, and goes on for as long as it carries something.
    void make_way_when_idle();
    /// Ends it, from our side (end.cpp). An error: its process may run on.
    awaitable<Result<ProcessEnd>> stop(Reason reason, bool cancel_session);
    awaitable<void> end(Reason reason);
    /// Of its own process's figures, to what is remembered.
    void count();
    void show(ProxyStatus told);

    // Its session.
    /// Who asks its controller.
    ClusterChoice choice() const;
    /// Somebody waits for one, or may.
    void want_session();
    /// A person wants one now.
    void ask_now();
    /// What it waits for may have changed.
    void hurry_up();
    /// A controller has described it.
    void notice_session(const Json& session);
    /// Its login has gone, and the session with it.
    void drop_login(Reason reason);
    /// Cancels at the controller what was authorized here and may still live.
    awaitable<void> settle_session();
    /// It is over, or canceled: nothing is left to do about it.
    void session_done();
    std::optional<SessionSecrets> session_secrets() const;

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
        route; ///< of route.hpp: what was asked for when it was started; empty after an adoption

    // Its process, and to start it again (revive.cpp).
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
    TargetOptions target;
    Pace pace;
    std::string told_end;          ///< the session whose end was told last
    int put_back_times = 0;        ///< since one of its connections worked
    async::Event hurry;            ///< something that it waits for may have changed
    std::optional<Error> obstacle; ///< why it has no session; for `why`

    state::Counters counted; ///< what of `status` has been added to the remembered counters

  private:
    /// It lives for as long as the work does.
    void spawn(awaitable<void> work, std::string name);

    // life.cpp
    awaitable<void> follow();
    awaitable<bool> follow_process();
    awaitable<bool> revive(Course::Process was); // revive.cpp
    awaitable<void> make_way();
    void take_change(ProxyChange change);

    // end.cpp
    /// Once for each session, and before the state and the removal that follow from it.
    void tell_session_end();
    void mark_ended(Reason reason);

    // judge_session.cpp: what the controller says about its session
    awaitable<void> check_session();
    awaitable<void> check_session_once(std::string id);
    awaitable<void> session_is_over(Json session);
    awaitable<bool> canceled_by_somebody(Json session);
    awaitable<void> forget_login(Reason reason);

    // provide_session.cpp: from a wish to a session
    enum class Step : std::uint8_t { again, done };
    awaitable<void> provide_session();
    awaitable<Step> provide_once();
    awaitable<Step> put_back(); // put_back.cpp
    awaitable<Step> give(Authorized authorized);
    awaitable<Step> weigh_failure(Error error);
    awaitable<Step> wait_login(Error why);
    awaitable<void> hold(Wait wait, Reason reason);

    const Parts* parts_ = nullptr;
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
