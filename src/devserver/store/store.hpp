#pragma once
// Store: the dev server's whole state, in memory or in one SQLite file; the same code either way.
// main.cpp owns it, the API and the worker use it.

#include "devserver/store/accounts.hpp"
#include "devserver/store/auth_tokens.hpp"
#include "devserver/store/credentials.hpp"
#include "devserver/store/database.hpp"
#include "devserver/store/resources.hpp"
#include "devserver/store/scope_keys.hpp"
#include "devserver/store/sessions.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace devserver {

class Store {
  public:
    /// ":memory:" or a file that is made when missing. Throws DatabaseError.
    explicit Store(const std::string& path, Clock now = agent::wall_now);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// True until seed() has run on this database.
    bool empty();
    std::string setting(const std::string& name);
    void set_setting(const std::string& name, const std::string& value);
    WallTime now() const { return now_(); }

    /// Who presents this token; a dead one is deleted here, and its sessions are cancelled.
    std::optional<AuthToken> authenticate(std::string_view token);
    /// Deletes a resource with everything below it; sessions that depended on any of it are
    /// cancelled.
    void remove(const Resource& resource);

  private:
    Clock now_;

  public:
    Database database;
    Resources resources;
    Accounts accounts;
    AuthTokens auth_tokens;
    Credentials credentials;
    ScopeKeys scope_keys;
    Sessions sessions;
};

} // namespace devserver
