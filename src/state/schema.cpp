#include "state/schema.hpp"

#include <iterator>

namespace agent::state {
namespace {

// 1: proxies and their ports, sessions that we authorized, what proxies carried, a short history,
// clusters. Times are RFC 3339 in UTC. No secret is ever in here: session keys and TOFU tokens are
// in the kernel's keyring.
constexpr const char* first = R"(
CREATE TABLE proxies (
    name TEXT PRIMARY KEY,
    source TEXT NOT NULL,             -- config, kept
    cluster TEXT NOT NULL,            -- the controller's address
    cluster_settings TEXT NOT NULL,   -- JSON
    token_name TEXT NOT NULL,
    target TEXT NOT NULL,             -- id or alias; or target_name with a scope
    target_name TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    scope_name TEXT NOT NULL,
    host_id TEXT NOT NULL,
    listen_address TEXT NOT NULL,
    wished_port INTEGER NOT NULL,     -- 0: none in particular
    port INTEGER NOT NULL,            -- the one that it has got; 0: none yet
    shared INTEGER NOT NULL,
    eager INTEGER NOT NULL,
    after_cancel TEXT NOT NULL,       -- ask, reauthorize
    inactive_timeout_ms INTEGER NOT NULL,
    stopped TEXT NOT NULL,            -- the boot in which it was disconnected; empty: it should run
    created TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,              -- s_…; for one that was only asked for: asked:…
    proxy TEXT NOT NULL,
    cluster TEXT NOT NULL,
    cluster_settings TEXT NOT NULL,
    token_name TEXT NOT NULL,
    target_id TEXT NOT NULL,
    state TEXT NOT NULL,              -- asked, held, canceling
    expiration TEXT NOT NULL,
    created TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE counters (
    proxy TEXT PRIMARY KEY,
    sessions INTEGER NOT NULL,
    connections INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    bytes_up INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    proxy TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_proxy ON events (proxy, number);
CREATE TABLE clusters (
    name TEXT PRIMARY KEY,
    settings TEXT NOT NULL,           -- JSON
    current INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// 2: how a proxy treats its worker connections.
constexpr const char* second = R"(
ALTER TABLE proxies ADD COLUMN warm INTEGER NOT NULL DEFAULT 1;           -- 0: opens none ahead of need
ALTER TABLE proxies ADD COLUMN keep_alive_ms INTEGER NOT NULL DEFAULT -1; -- -1: as usual; 0: no pings
)";

// 3: the part of a session's authorization token that is no secret, so that the keyring holds only
// its key.
constexpr const char* third = R"(
ALTER TABLE sessions ADD COLUMN authorization TEXT NOT NULL DEFAULT '';
)";

// 4: what of the figures of a proxy's present process is in the counters already, so that the next
// agentd goes on there.
constexpr const char* fourth = R"(
CREATE TABLE counted (
    proxy TEXT PRIMARY KEY,
    process TEXT NOT NULL,            -- boot and pid
    connections INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    bytes_up INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// 5: a proxy that nobody may ever come to (`connect -stdio`) is not kept until its session expires.
constexpr const char* fifth = R"(
ALTER TABLE proxies ADD COLUMN inactive_from_start INTEGER NOT NULL DEFAULT 0;
)";

constexpr const char* migrations[] = {first, second, third, fourth, fifth};

} // namespace

int schema_version() {
    return static_cast<int>(std::size(migrations));
}

void migrate(Database& database) {
    const auto found = database.number("PRAGMA user_version");
    if (found > schema_version())
        throw DatabaseError("it was written by a newer agentd (format " + std::to_string(found) +
                            ", this one knows " + std::to_string(schema_version()) + ")");
    for (auto version = found; version < schema_version(); ++version) {
        Transaction step(database);
        database.script(migrations[version]);
        const std::string done = "PRAGMA user_version=" + std::to_string(version + 1);
        database.script(done.c_str());
        step.commit();
    }
}

} // namespace agent::state
