// Logout, for the proxies: their sessions have ended at the controller with the login.

#include "agent/agent.hpp"

namespace agent::core {

awaitable<Result<LoggedOut>> Agent::logout(ClusterChoice choice) {
    auto outcome = co_await verbs::logout(controllers_, logins_, choice);
    if (!outcome || !outcome->found) co_return outcome;
    LoggedOut done = std::move(*outcome);
    if (choice.token) { // a caller's own: the stored login and what it holds go on
        events_.publish(EventKind::logout,
                        "logged out at " + choice.settings.address + " with a caller's token");
        co_return done;
    }
    const keyring::Key key{choice.settings.address, choice.token_name};
    done.sessions = drop_sessions_of(key, Reason(ReasonCode::logged_out));
    std::string ended;
    for (const auto& one : done.sessions)
        ended += (ended.empty() ? "; this ends session " : ", ") + one;
    events_.publish(EventKind::logout, "logged out at " + choice.settings.address + ended);
    co_return done;
}

// A proxy that keeps its port waits for the next login.
awaitable<void> Agent::forget_login(std::shared_ptr<ManagedProxy> proxy, Reason reason) {
    const auto handle = proxy->handle;
    proxy->obstacle = fail(Errc::login_needed, Hop::login, reason.text,
                           controllers_.login_step(proxy->settings->address));
    const auto held = co_await handle->hold(Wait::login, std::move(reason), true);
    if (proxy->ended() || proxy->handle != handle) co_return;
    if (held) show(*proxy, *held);
    if (!held && held.error().code == Errc::timed_out)
        co_await end_hung(proxy, handle); // the next one knows no session
}

} // namespace agent::core
