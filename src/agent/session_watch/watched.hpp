#pragma once
// Watched: what SessionWatch needs of the agent.

#include "agent/session_watch/question.hpp"
#include "async/token.hpp"
#include "controller/client.hpp"
#include "keyring/keyring.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agent::session_watch {

struct HeldByLogin {
    controller::ClusterSettings settings;
    std::vector<HeldSession> sessions;
};

struct Login {
    Secret token;
    std::string token_id;
    std::string user_id; ///< may be empty
};

class Watched {
  public:
    virtual ~Watched() = default;
    /// By address and token name; what no login of ours can ask about is not among them.
    virtual std::map<keyring::Key, HeldByLogin> held() = 0;
    /// nullopt: nobody is logged in.
    virtual awaitable<Result<std::optional<Login>>> login(keyring::Key key) = 0;
    virtual std::shared_ptr<controller::Client>
    client(const controller::ClusterSettings& settings) = 0;

    virtual void session_is_over(const Json& session) = 0;
    /// `reason`: as a controller's termination_reason.
    virtual void session_has_gone(const std::string& id, const std::string& reason) = 0;
    /// Unless there is another one by that name now.
    virtual awaitable<void> login_has_gone(keyring::Key key, std::string token_id) = 0;
};

} // namespace agent::session_watch
