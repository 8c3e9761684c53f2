// Which sessions the agent holds with which login, and what becomes of their proxies when one is
// over or its login is gone. session_watch/ asks; this file knows the proxies.

#include "agent/agent.hpp"
#include "agent/session_watch/session_watch.hpp"

#include "base/log.hpp"

namespace agent::core {
namespace {

/// Empty: none that may live.
std::string session_held_by(const ManagedProxy& proxy) {
    if (proxy.ended() || proxy.session_over() || proxy.settling() || proxy.told_to_end()) return {};
    return proxy.held_session.empty() ? proxy.status.session_id : proxy.held_session;
}

} // namespace

class Agent::Watch final : public session_watch::Watched {
  public:
    Watch(Agent& agent, session_watch::Times times)
        : machine(agent.executor_, agent.tasks_, *this, times), agent_(agent) {}
    session_watch::SessionWatch machine;

    std::map<keyring::Key, session_watch::HeldByLogin> held() override {
        std::map<keyring::Key, session_watch::HeldByLogin> all;
        for (const auto& [name, proxy] : agent_.proxies_.all()) {
            std::string id = session_held_by(*proxy);
            if (id.empty() || !proxy->settings || proxy->token_name == "none") continue;
            auto& login = all[{proxy->settings->address, proxy->token_name}];
            login.settings = *proxy->settings;
            login.sessions.push_back({std::move(id), proxy->status.authorized_here});
        }
        return all;
    }
    awaitable<Result<std::optional<session_watch::Login>>> login(keyring::Key key) override {
        const auto stored = co_await agent_.logins_.find(std::move(key));
        if (!stored) co_return stored.error();
        if (!stored->has_value()) co_return std::nullopt;
        const auto object = parse_secret_json(**stored);
        if (!object) co_return std::nullopt; // a damaged one
        session_watch::Login login;
        login.token = Secret(string_member(*object, "token"));
        login.token_id = string_member(*object, "id");
        login.user_id = string_member(*object, "user_id");
        co_return std::move(login);
    }
    std::shared_ptr<controller::Client>
    client(const controller::ClusterSettings& settings) override {
        return agent_.controllers_.client_of(settings);
    }
    void session_is_over(const Json& session) override { agent_.notice_session(session); }
    void session_has_gone(const std::string& id, const std::string& reason) override {
        Json session = Json::object();
        session["id"] = id;
        session["status"] = "terminated";
        session["termination_reason"] = reason;
        agent_.notice_session(session);
    }
    awaitable<void> login_has_gone(keyring::Key key, std::string token_id) override {
        return agent_.login_has_gone(std::move(key), std::move(token_id));
    }

  private:
    Agent& agent_;
};

void Agent::watch_sessions(session_watch::Times times) {
    watch_ = std::make_shared<Watch>(*this, times);
    watch_->machine.look();
}

void Agent::held_changed() {
    if (watch_) watch_->machine.look();
}

void Agent::suspect_session(const std::string& id) {
    if (watch_) watch_->machine.suspect(id);
}

void Agent::hurry_watch() {
    if (watch_) watch_->machine.hurry();
}

void Agent::login_refused(const ClusterChoice& choice) {
    if (watch_)
        watch_->machine.login_refused({choice.settings.address, choice.token_name},
                                      choice.settings);
}

awaitable<void> Agent::auth_token_deleted(std::string address, std::string id) {
    std::vector<keyring::Key> ours;
    for (const auto& held : logins_.list()) {
        const auto login = parse_secret_json(held.value);
        if (held.key.address == address && login && string_member(*login, "id") == id)
            ours.push_back(held.key);
    }
    for (const auto& key : ours) co_await login_has_gone(key, id);
}

awaitable<void> Agent::login_has_gone(keyring::Key key, std::string token_id) {
    const auto stored = co_await logins_.find(key);
    if (!stored || !stored->has_value()) co_return;
    const auto login = parse_secret_json(**stored);
    if (!login || string_member(*login, "id") != token_id) co_return; // somebody logged in anew
    const auto removed = co_await logins_.remove(key);
    if (!removed) log::warning("{}", removed.error().message);
    const auto sessions = drop_sessions_of(key, Reason(ReasonCode::login_gone));
    std::string ended;
    for (const auto& one : sessions) ended += (ended.empty() ? "; this ends session " : ", ") + one;
    events_.publish(EventKind::logout, "the login " + key.token_name + " at " + key.address +
                                           " is no longer valid" + ended + "; " +
                                           controllers_.login_step(key.address));
    held_changed();
}

std::vector<std::string> Agent::drop_sessions_of(const keyring::Key& key, const Reason& reason) {
    std::vector<std::shared_ptr<ManagedProxy>> ours;
    for (const auto& [name, proxy] : proxies_.all())
        if (proxy->status.authorized_here && proxy->token_name == key.token_name &&
            proxy->settings && proxy->settings->address == key.address && !proxy->ended())
            ours.push_back(proxy);
    std::vector<std::string> sessions;
    for (const auto& proxy : ours) {
        if (!proxy->held_session.empty())
            sessions.push_back(proxy->held_session + " of proxy " + proxy->spec.name);
        session_done(*proxy);
        if (proxy->persistent()) {
            tasks_.spawn(forget_login(proxy, reason), "forget login");
        } else {
            proxy->on(CourseEvent::session_known_over);
            tasks_.spawn(end_proxy(proxy, reason), "end proxy");
        }
    }
    return sessions;
}

} // namespace agent::core
