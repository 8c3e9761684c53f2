#include "agent/proxy/held_sessions.hpp"

#include "agent/parts.hpp"
#include "base/log.hpp"

namespace agent::core {
namespace {

/// Empty: none that may live.
std::string session_held_by(const ManagedProxy& proxy) {
    if (proxy.ended() || proxy.session_over() || proxy.settling() || proxy.told_to_end()) return {};
    return proxy.held_session.empty() ? proxy.status.session_id : proxy.held_session;
}

} // namespace

void HeldSessions::start() {
    watch_.emplace(parts_.executor, parts_.tasks, *this, times_);
    watch_->look();
}

void HeldSessions::look() {
    if (watch_) watch_->look();
}

void HeldSessions::suspect(const std::string& session) {
    if (watch_) watch_->suspect(session);
}

void HeldSessions::hurry() {
    if (watch_) watch_->hurry();
}

void HeldSessions::login_refused(const ClusterChoice& choice) {
    if (watch_)
        watch_->login_refused({choice.settings.address, choice.token_name}, choice.settings);
}

std::map<keyring::Key, session_watch::HeldByLogin> HeldSessions::held() {
    std::map<keyring::Key, session_watch::HeldByLogin> all;
    for (const auto& [name, proxy] : parts_.proxies.all()) {
        std::string id = session_held_by(*proxy);
        if (id.empty() || !proxy->settings || proxy->token_name == "none") continue;
        auto& login = all[{proxy->settings->address, proxy->token_name}];
        login.settings = *proxy->settings;
        login.sessions.push_back({std::move(id), proxy->status.authorized_here});
    }
    return all;
}

awaitable<Result<std::optional<session_watch::Login>>> HeldSessions::login(keyring::Key key) {
    const auto stored = co_await parts_.logins.find(std::move(key));
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
HeldSessions::client(const controller::ClusterSettings& settings) {
    return parts_.controllers.client_of(settings);
}

void HeldSessions::session_is_over(const Json& session) {
    const auto proxy = parts_.proxies.holder_of(string_member(session, "id"));
    if (proxy) proxy->notice_session(session);
}

void HeldSessions::session_has_gone(const std::string& id, const std::string& reason) {
    Json session = Json::object();
    session["id"] = id;
    session["status"] = "terminated";
    session["termination_reason"] = reason;
    session_is_over(session);
}

awaitable<void> HeldSessions::auth_token_deleted(std::string address, std::string id) {
    std::vector<keyring::Key> ours;
    for (const auto& one : parts_.logins.list()) {
        const auto login = parse_secret_json(one.value);
        if (one.key.address == address && login && string_member(*login, "id") == id)
            ours.push_back(one.key);
    }
    for (const auto& key : ours) co_await login_has_gone(key, id);
}

awaitable<void> HeldSessions::login_has_gone(keyring::Key key, std::string token_id) {
    const auto stored = co_await parts_.logins.find(key);
    if (!stored || !stored->has_value()) co_return;
    const auto login = parse_secret_json(**stored);
    if (!login || string_member(*login, "id") != token_id) co_return; // somebody logged in anew
    const auto removed = co_await parts_.logins.remove(key);
    if (!removed) log::warning("{}", removed.error().message);
    const auto sessions = drop(key, Reason(ReasonCode::login_gone));
    parts_.events.publish(EventKind::logout, "the login " + key.token_name + " at " + key.address +
                                                 " is no longer valid" + told_ends(sessions) +
                                                 "; " + parts_.controllers.login_step(key.address));
    look();
}

std::vector<std::string> HeldSessions::drop(const keyring::Key& login, const Reason& reason) {
    std::vector<std::shared_ptr<ManagedProxy>> ours;
    for (const auto& [name, proxy] : parts_.proxies.all())
        if (proxy->status.authorized_here && proxy->token_name == login.token_name &&
            proxy->settings && proxy->settings->address == login.address && !proxy->ended())
            ours.push_back(proxy);
    std::vector<std::string> sessions;
    for (const auto& proxy : ours) {
        if (!proxy->held_session.empty())
            sessions.push_back(proxy->held_session + " of proxy " + proxy->spec.name);
        proxy->drop_login(reason);
    }
    return sessions;
}

std::string told_ends(const std::vector<std::string>& sessions) {
    std::string told;
    for (const auto& one : sessions) told += (told.empty() ? "; this ends session " : ", ") + one;
    return told;
}

} // namespace agent::core
