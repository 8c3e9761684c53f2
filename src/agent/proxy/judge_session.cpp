// What the controller says about a session, and what that means for the proxy that carries it: a
// transient one ends, a persistent one gets another session or waits for a person.

#include "agent/parts.hpp"
#include "agent/session_object.hpp"

#include "async/with_timeout.hpp"

namespace agent::core {
namespace {
constexpr std::chrono::seconds between_questions{1};
}

ClusterChoice ManagedProxy::choice() const {
    ClusterChoice choice;
    choice.settings = *settings;
    choice.token_name = token_name;
    choice.use_stored_login = token_name != "none";
    return choice;
}

// A connection was refused or cut: the session may be over, and its controller knows why.
awaitable<void> ManagedProxy::check_session() {
    const During asking(*this, CourseEvent::check_stopped);
    do {
        const std::string id = persistent() ? held_session : status.session_id;
        if (!id.empty()) co_await check_session_once(id);
        co_await async::sleep_for(between_questions);
        on(CourseEvent::check_answered);
    } while (checking() && !ended());
}

awaitable<void> ManagedProxy::check_session_once(std::string id) {
    ClusterChoice as = choice();
    const auto session =
        co_await parts_->session_calls.read(std::move(as), id); // notices when the session is over
    const int refusal = session ? 0 : session.error().status;
    if (refusal == 401 || refusal == 403)
        parts_->held.suspect(id); // it is over, or its login is, or not
    const bool gone = !session && session.error().status == 404;
    if (!gone || !status.authorized_here || ended()) co_return;
    Json nothing = Json::object();
    nothing["termination_reason"] = std::string(name_of(model::Termination::deleted));
    nothing["id"] = id;
    co_await session_is_over(std::move(nothing));
}

void ManagedProxy::notice_session(const Json& session) {
    if (!is_over(session) || ended() || session_over() || settling()) return;
    spawn(session_is_over(session), "session over");
}

awaitable<void> ManagedProxy::session_is_over(Json session) {
    const std::string id = string_member(session, "id");
    const Reason reason = reason_of(session);
    if (!persistent()) {
        on(CourseEvent::session_known_over);
        session_done();
        co_await end(reason);
        co_return;
    }
    const bool somebody = co_await canceled_by_somebody(std::move(session));
    if (held_session != id || settling())
        co_return; // it has another one by now, or we canceled this one
    // From here to the call no waiting: nobody may ask for another session before it is known who
    // has to decide.
    session_done();
    if (!somebody || spec.after_cancel == model::AfterCancel::reauthorize) {
        const auto process = handle;
        const auto told = co_await process->hold(Wait::none, reason, true);
        if (told && !ended()) show(*told);
        const bool wanted = status.clients_waiting > 0 || status.eager;
        if (wanted) want_session();
        co_return;
    }
    on(CourseEvent::person_needed);
    const std::string next_step = "agentctl reconnect " + spec.name;
    obstacle = fail(Errc::session_over, Hop::controller,
                    "session " + id + " was canceled at the controller",
                    next_step + " asks for a new one");
    const auto process = handle;
    const Reason why(ReasonCode::session_canceled, obstacle->message + "; " + obstacle->hint);
    const auto told = co_await process->hold(Wait::person, why, true);
    if (told && !ended()) show(*told);
}

// A session that ends with the login that made it was not canceled by anybody: after the next login
// a new one is fine.
awaitable<bool> ManagedProxy::canceled_by_somebody(Json session) {
    const bool canceled = status_of(session) == model::SessionStatus::canceling ||
                          termination_of(session) == model::Termination::canceled;
    if (!canceled) co_return false;
    const std::string made_with = string_member(session, "auth_token_id");
    if (made_with.empty() || token_name == "none") co_return true;
    const keyring::Key key{settings->address, token_name};
    const auto stored = co_await parts_->logins.find(key);
    if (!stored || !stored->has_value()) co_return false;
    const auto login = parse_secret_json(**stored);
    co_return login&& string_member(*login, "id") == made_with;
}

void ManagedProxy::drop_login(Reason reason) {
    session_done();
    if (persistent()) {
        spawn(forget_login(std::move(reason)), "forget login");
        return;
    }
    on(CourseEvent::session_known_over);
    spawn(end(std::move(reason)), "end proxy");
}

// One that keeps its port waits for the next login.
awaitable<void> ManagedProxy::forget_login(Reason reason) {
    const auto process = handle;
    obstacle = fail(Errc::login_needed, Hop::login, reason.text,
                    parts_->controllers.login_step(settings->address));
    const auto told = co_await process->hold(Wait::login, std::move(reason), true);
    if (ended() || handle != process) co_return;
    if (told) show(*told);
    if (!told && told.error().code == Errc::timed_out)
        co_await end_hung(shared_from_this(), process); // the next one knows no session
}

} // namespace agent::core
