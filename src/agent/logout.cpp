// Logout, for the proxies: their sessions have ended at the controller with the login.

#include "agent/agent.hpp"

namespace agent::core {

awaitable<Result<LoggedOut>> Agent::logout(ClusterChoice choice) {
    auto outcome = co_await verbs::logout(controllers_, logins_, choice);
    if (!outcome || !outcome->found) co_return outcome;
    LoggedOut done = std::move(*outcome);
    if (choice.token) { // a caller's own: the stored login and what it holds go on
        events_.publish("logout",
                        "logged out at " + choice.settings.address + " with a caller's token");
        co_return done;
    }
    std::vector<std::shared_ptr<RunningProxy>> ours;
    for (const auto& [name, proxy] : proxies_.all())
        if (proxy->status.authorized_here && proxy->token_name == choice.token_name &&
            proxy->settings && proxy->settings->address == choice.settings.address)
            ours.push_back(proxy);
    for (const auto& proxy : ours) {
        if (!proxy->held_session.empty())
            done.sessions.push_back(proxy->held_session + " of proxy " + proxy->spec.name);
        session_done(*proxy);
        const std::string reason = "Logged out, which canceled the session";
        if (proxy->persistent()) {
            tasks_.spawn(forget_login(proxy, reason), "forget login");
        } else {
            proxy->session_over = true;
            tasks_.spawn(end_proxy(proxy, reason), "end proxy");
        }
    }
    std::string ended;
    for (const auto& one : done.sessions)
        ended += (ended.empty() ? "; this ends session " : ", ") + one;
    events_.publish("logout", "logged out at " + choice.settings.address + ended);
    co_return done;
}

// A proxy that keeps its port waits for the next login.
awaitable<void> Agent::forget_login(std::shared_ptr<RunningProxy> proxy, std::string reason) {
    const auto handle = proxy->handle;
    proxy->obstacle = fail(Errc::login_needed, Hop::login, reason,
                           "agentctl authenticate, with -addr " + proxy->settings->address);
    const auto held = co_await handle->hold("login", std::move(reason), true);
    if (proxy->ended || proxy->handle != handle) co_return;
    if (held) show(*proxy, *held);
    if (!held && held.error().code == Errc::timed_out)
        co_await end_hung(proxy, handle); // the next one knows no session
}

} // namespace agent::core
