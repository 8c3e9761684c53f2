#pragma once
// HeldSessions: which sessions the agent's proxies hold with which login, and what becomes of the
// proxies when a session is over or its login is gone. session_watch/ asks; this knows the proxies.

#include "agent/options.hpp"
#include "agent/session_watch/session_watch.hpp"
#include "agent/session_watch/watched.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agent::core {

struct Parts;

class HeldSessions final : public session_watch::Watched {
  public:
    explicit HeldSessions(const Parts& parts) : parts_(parts) {}

    /// How often they are looked at; before start().
    void pace(session_watch::Times times) { times_ = times; }
    /// Nothing is looked at before.
    void start();
    /// What is held may have changed, or who is logged in.
    void look();
    void suspect(const std::string& session);
    void hurry();
    /// A request of that login was answered 401.
    void login_refused(const ClusterChoice& choice);
    awaitable<void> auth_token_deleted(std::string address, std::string id);
    /// What proxies hold with that login is over. "s_… of proxy pg", each.
    std::vector<std::string> drop(const keyring::Key& login, const Reason& reason);

    // what is asked, and found out
    std::map<keyring::Key, session_watch::HeldByLogin> held() override;
    awaitable<Result<std::optional<session_watch::Login>>> login(keyring::Key key) override;
    std::shared_ptr<controller::Client>
    client(const controller::ClusterSettings& settings) override;
    void session_is_over(const Json& session) override;
    void session_has_gone(const std::string& id, const std::string& reason) override;
    awaitable<void> login_has_gone(keyring::Key key, std::string token_id) override;

  private:
    const Parts& parts_;
    session_watch::Times times_;
    std::optional<session_watch::SessionWatch> watch_;
};

/// "; this ends session s_… of proxy pg, …"
std::string told_ends(const std::vector<std::string>& sessions);

} // namespace agent::core
