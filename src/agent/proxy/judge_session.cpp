// What the controller says about a session, and what that means for the proxy that carries it: a
// transient one ends, a persistent one gets another session or waits for a person.

#include "agent/agent.hpp"
#include "agent/session_object.hpp"

#include "async/with_timeout.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
} // namespace

ClusterChoice Agent::choice_of(const ManagedProxy& proxy) {
    ClusterChoice choice;
    choice.settings = *proxy.settings;
    choice.token_name = proxy.token_name;
    choice.use_stored_login = proxy.token_name != "none";
    return choice;
}

// A connection was refused or cut: the session may be over, and its controller knows why.
awaitable<void> Agent::check_session(std::shared_ptr<ManagedProxy> proxy) {
    const During checking(*proxy, CourseEvent::check_stopped);
    do {
        const std::string id = proxy->persistent() ? proxy->held_session : proxy->status.session_id;
        if (!id.empty()) co_await check_session_once(proxy, id);
        co_await async::sleep_for(1s); // no more than one question a second
        proxy->on(CourseEvent::check_answered);
    } while (proxy->checking() && !proxy->ended());
}

awaitable<void> Agent::check_session_once(std::shared_ptr<ManagedProxy> proxy, std::string id) {
    ClusterChoice choice = choice_of(*proxy);
    const auto session =
        co_await read(std::move(choice), "sessions", id); // notices when the session is over
    const int refusal = session ? 0 : session.error().status;
    if (refusal == 401 || refusal == 403)
        suspect_session(id); // it is over, or its login is, or not
    const bool gone = !session && session.error().status == 404;
    if (!gone || !proxy->status.authorized_here || proxy->ended()) co_return;
    Json nothing = Json::object();
    nothing["termination_reason"] = std::string(name_of(model::Termination::deleted));
    nothing["id"] = id;
    co_await session_is_over(proxy, std::move(nothing));
}

void Agent::notice_session(const Json& session) {
    if (!is_over(session)) return;
    const std::string id = string_member(session, "id");
    auto proxy = proxies_.find_session(id);
    for (const auto& [name, one] : proxies_.all())
        if (!proxy && one->held_session == id) proxy = one;
    if (!proxy || proxy->ended() || proxy->session_over() || proxy->settling()) return;
    tasks_.spawn(session_is_over(proxy, session), "session over");
}

awaitable<void> Agent::session_is_over(std::shared_ptr<ManagedProxy> proxy, Json session) {
    const std::string id = string_member(session, "id");
    const Reason reason = reason_of(session);
    if (!proxy->persistent()) {
        proxy->on(CourseEvent::session_known_over);
        session_done(*proxy);
        co_await end_proxy(proxy, reason);
        co_return;
    }
    const bool somebody = co_await canceled_by_somebody(proxy, std::move(session));
    if (proxy->held_session != id || proxy->settling())
        co_return; // it has another one by now, or we canceled this one
    // From here to the call no waiting: nobody may ask for another session before it is known who
    // has to decide.
    session_done(*proxy);
    if (!somebody || proxy->spec.after_cancel == AfterCancel::reauthorize) {
        const auto handle = proxy->handle;
        const auto told = co_await handle->hold(Wait::none, reason, true);
        if (told && !proxy->ended()) show(*proxy, *told);
        const bool wanted = proxy->status.clients_waiting > 0 || proxy->status.eager;
        if (wanted) want_session(proxy);
        co_return;
    }
    proxy->on(CourseEvent::person_needed);
    const std::string next_step = "agentctl reconnect " + proxy->spec.name;
    proxy->obstacle = fail(Errc::session_over, Hop::controller,
                           "session " + id + " was canceled at the controller",
                           next_step + " asks for a new one");
    const auto handle = proxy->handle;
    const Reason why(ReasonCode::session_canceled,
                     proxy->obstacle->message + "; " + proxy->obstacle->hint);
    const auto told = co_await handle->hold(Wait::person, why, true);
    if (told && !proxy->ended()) show(*proxy, *told);
}

// A session that ends with the login that made it was not canceled by anybody: after the next login
// a new one is fine.
awaitable<bool> Agent::canceled_by_somebody(std::shared_ptr<ManagedProxy> proxy, Json session) {
    const bool canceled = status_of(session) == model::SessionStatus::canceling ||
                          termination_of(session) == model::Termination::canceled;
    if (!canceled) co_return false;
    const std::string made_with = string_member(session, "auth_token_id");
    if (made_with.empty() || proxy->token_name == "none") co_return true;
    const keyring::Key key{proxy->settings->address, proxy->token_name};
    const auto stored = co_await logins_.find(key);
    if (!stored || !stored->has_value()) co_return false;
    const auto login = parse_secret_json(**stored);
    co_return login&& string_member(*login, "id") == made_with;
}

} // namespace agent::core
