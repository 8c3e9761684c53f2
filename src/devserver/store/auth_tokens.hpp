#pragma once
// Auth tokens: issued by a login, presented with every request, kept only as hashes. They end after
// 7 days, or 24 hours after their last use; Store deletes those that are presented too late, and
// with them their sessions.

#include "base/secret.hpp"
#include "devserver/store/resources.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace devserver {

struct AuthToken {
    std::string id;
    std::string user_id;
    std::string auth_method_id;
    std::string account_id;
    WallTime last_used;
    WallTime expiration;
};

struct IssuedToken {
    Resource resource;
    AuthToken token;
    agent::Secret text; ///< at_…_s1…: said once, to the one who logged in
};

class AuthTokens {
  public:
    AuthTokens(Database& database, Resources& resources, const Clock& now)
        : database_(database), resources_(resources), now_(now) {}

    IssuedToken issue(const Resource& account);
    std::optional<AuthToken> find(const std::string& id);
    /// The token these words stand for, dead or alive; nullopt when there is none or the secret
    /// part is wrong.
    std::optional<AuthToken> recognise(std::string_view text);
    bool dead(const AuthToken& token) const;
    /// Notes the use, at most every 10 minutes.
    void note_use(const AuthToken& token);
    void forget(const std::string& id);

  private:
    Database& database_;
    Resources& resources_;
    const Clock& now_;
};

} // namespace devserver
