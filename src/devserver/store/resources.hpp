#pragma once
// Resource: what targets, hosts, users, sessions … have in common, and the repository that creates,
// finds, changes and forgets them. Rules of single kinds are elsewhere: deletion's consequences in
// store.cpp, fields in api/.

#include "base/json.hpp"
#include "devserver/store/database.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace devserver {

using agent::Json;
using Clock = std::function<WallTime()>;

struct Resource {
    std::string id;
    std::string kind; ///< "target", "host-set", "session" …: the singular of the API's collection
    std::string type; ///< "tcp", "static", "password" …; for scopes global, org or project
    std::string scope_id;
    std::string parent_id; ///< catalog, auth method, credential store; empty for most
    std::string owner_id;  ///< the user, for sessions, auth tokens and accounts
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<std::string> unique_key; ///< alias value, login name: unique below the parent
    WallTime created;
    WallTime updated;
    std::uint32_t version = 1;
    bool terminated = false;
    Json extra = Json::object(); ///< what only this kind has
};

/// Times have microseconds, as PostgreSQL keeps them.
WallTime to_microseconds(WallTime time);

class Resources {
  public:
    Resources(Database& database, const Clock& now) : database_(database), now_(now) {}

    /// Sets the times and version 1. Throws DatabaseError with unique() when the name or key is
    /// taken.
    Resource create(Resource resource);
    std::optional<Resource> find(const std::string& id);
    std::optional<Resource> find_named(const std::string& kind, const std::string& scope_id,
                                       const std::string& name);
    std::optional<Resource> find_by_key(const std::string& kind, const std::string& key);
    std::vector<Resource> children(const std::string& parent_id);
    std::vector<Resource> in_scope(const std::string& scope_id);
    std::vector<std::string> scopes_in(const std::string& scope_id); ///< ids
    std::vector<Resource> all(const std::string& kind);
    /// Writes name, description, key, owner and extra, and bumps version and time.
    Resource update(Resource resource);
    /// New version and time only: relations or state changed.
    void touch(const std::string& id);
    /// Deletes the row and leaves a tombstone. Consequences for others: Store::remove.
    void erase(const Resource& resource);

    void link(const std::string& from, const std::string& kind, const std::string& to);
    void unlink(const std::string& from, const std::string& kind, const std::string& to);
    std::vector<std::string> linked(const std::string& from, const std::string& kind);
    std::vector<std::string> linked_from(const std::string& to, const std::string& kind);

    static Resource read_row(const Statement& row);
    static constexpr const char* columns = "id, kind, type, scope_id, parent_id, owner_id, name, "
                                           "description, unique_key, created, updated, version, "
                                           "terminated, extra";

  private:
    std::vector<Resource> select(const std::string& where, const std::string& value);
    Database& database_;
    const Clock& now_;
};

} // namespace devserver
