#include "devserver/store/scope_keys.hpp"

#include "devserver/store/ids.hpp"

#include <array>

namespace devserver {
namespace {

constexpr std::array data_keys = {"audit", "database", "oidc", "oplog", "sessions", "tokens"};

} // namespace

std::vector<ScopeKey> ScopeKeys::of(const Resource& scope) {
    auto keys = read(scope.id);
    if (!keys.empty()) return keys;
    Transaction transaction(database_);
    add_version(scope.id, {new_id("krk"), "rootKey", "kek", {}}, 1, scope.created);
    for (const char* purpose : data_keys)
        add_version(scope.id, {new_id("kdk"), purpose, "dek", {}}, 1, scope.created);
    transaction.commit();
    return read(scope.id);
}

std::vector<ScopeKey> ScopeKeys::read(const std::string& scope_id) {
    std::vector<ScopeKey> keys;
    auto row = database_.query("SELECT key_id, purpose, type, id, number, created FROM "
                               "scope_key_version WHERE scope_id=? ORDER BY key_id, number DESC",
                               scope_id);
    while (row.step()) {
        if (keys.empty() || keys.back().id != row.text(0))
            keys.push_back({row.text(0), row.text(1), row.text(2), {}});
        keys.back().versions.push_back(
            {row.text(3), static_cast<std::uint32_t>(row.integer(4)), row.time(5)});
    }
    return keys;
}

void ScopeKeys::add_version(const std::string& scope_id, const ScopeKey& key, std::uint32_t number,
                            WallTime created) {
    database_.run("INSERT INTO scope_key_version (id, key_id, scope_id, purpose, type, number, "
                  "created) VALUES (?,?,?,?,?,?,?)",
                  new_id(key.type == "kek" ? "krkv" : "kdkv"), key.id, scope_id, key.purpose,
                  key.type, number, created);
}

void ScopeKeys::rotate(const Resource& scope) {
    Transaction transaction(database_);
    for (const auto& key : of(scope))
        add_version(scope.id, key, key.versions.front().number + 1, to_microseconds(now_()));
    transaction.commit();
}

ScopeKeys::Destroyed ScopeKeys::destroy(const Resource& scope, const std::string& version_id) {
    for (const auto& key : of(scope))
        for (const auto& version : key.versions) {
            if (version.id != version_id) continue;
            if (version.id == key.versions.front().id) return Destroyed::in_use;
            database_.run("DELETE FROM scope_key_version WHERE id=?", version_id);
            return Destroyed::now;
        }
    return Destroyed::unknown;
}

void ScopeKeys::forget(const std::string& scope_id) {
    database_.run("DELETE FROM scope_key_version WHERE scope_id=?", scope_id);
}

} // namespace devserver
