#pragma once
// ScopeKeys: names, versions and times of the keys of scopes. There is no key material: nothing is
// encrypted with them, the API only shows, rotates and destroys them.

#include "devserver/store/resources.hpp"

#include <string>
#include <vector>

namespace devserver {

struct ScopeKeyVersion {
    std::string id;
    std::uint32_t number = 1;
    WallTime created;
};

struct ScopeKey {
    std::string id;
    std::string purpose;
    std::string type;                      ///< "kek" or "dek"
    std::vector<ScopeKeyVersion> versions; ///< newest first, never empty
};

class ScopeKeys {
  public:
    ScopeKeys(Database& database, const Clock& now) : database_(database), now_(now) {}

    /// By id. A scope that has none yet gets them, as old as itself.
    std::vector<ScopeKey> of(const Resource& scope);
    void rotate(const Resource& scope);
    enum class Destroyed : std::uint8_t { now, unknown, in_use };
    Destroyed destroy(const Resource& scope, const std::string& version_id);
    void forget(const std::string& scope_id);

  private:
    std::vector<ScopeKey> read(const std::string& scope_id);
    void add_version(const std::string& scope_id, const ScopeKey& key, std::uint32_t number,
                     WallTime created);
    Database& database_;
    const Clock& now_;
};

} // namespace devserver
