// Every kind of resource has one row in `resource`, with what all of them share: that is what lists
// page through, what updates check the version of, and what deletion leaves a tombstone of. What
// only one kind has is JSON in `extra`, or a table of its own where it is secret or changes often.

#include "devserver/store/schema.hpp"

namespace devserver {
namespace {

constexpr int version = 2; ///< 2: scope_key_version

constexpr const char* tables = R"(
CREATE TABLE IF NOT EXISTS resource (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    type TEXT NOT NULL DEFAULT '',
    scope_id TEXT NOT NULL,
    parent_id TEXT NOT NULL DEFAULT '',
    owner_id TEXT NOT NULL DEFAULT '',
    name TEXT,
    description TEXT,
    unique_key TEXT,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    terminated INTEGER NOT NULL DEFAULT 0,
    extra TEXT NOT NULL DEFAULT '{}',
    UNIQUE (kind, scope_id, parent_id, name),
    UNIQUE (kind, parent_id, unique_key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resource_by_created ON resource (kind, created DESC, id DESC);
CREATE INDEX IF NOT EXISTS resource_by_updated ON resource (kind, updated DESC, id DESC);
CREATE INDEX IF NOT EXISTS resource_by_parent ON resource (parent_id);
DROP INDEX IF EXISTS resource_by_scope;
CREATE INDEX IF NOT EXISTS resource_in_scope ON resource (scope_id, kind, owner_id, terminated);

CREATE TABLE IF NOT EXISTS link (
    from_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    to_id TEXT NOT NULL,
    PRIMARY KEY (from_id, kind, to_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_by_target ON link (to_id, kind);

CREATE TABLE IF NOT EXISTS tombstone (id TEXT PRIMARY KEY, kind TEXT NOT NULL, deleted INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tombstone_by_time ON tombstone (kind, deleted);

CREATE TABLE IF NOT EXISTS account_password (account_id TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS credential_secret (credential_id TEXT PRIMARY KEY, secret TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS scope_key_version (
    id TEXT PRIMARY KEY,
    key_id TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    type TEXT NOT NULL,
    number INTEGER NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (scope_id, key_id, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS auth_token (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    auth_method_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    last_used INTEGER NOT NULL,
    expiration INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    target_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    auth_token_id TEXT NOT NULL,
    host_set_id TEXT NOT NULL,
    host_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    expiration INTEGER NOT NULL,
    connection_limit INTEGER NOT NULL,
    certificate TEXT NOT NULL,
    private_key TEXT NOT NULL,
    tofu_token TEXT NOT NULL DEFAULT '',
    termination_reason TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_by_status ON session (status);

CREATE TABLE IF NOT EXISTS session_state (
    session_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    PRIMARY KEY (session_id, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS connection (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL,
    client_address TEXT NOT NULL DEFAULT '',
    client_port INTEGER NOT NULL DEFAULT 0,
    endpoint_address TEXT NOT NULL DEFAULT '',
    endpoint_port INTEGER NOT NULL DEFAULT 0,
    bytes_up INTEGER NOT NULL DEFAULT 0,
    bytes_down INTEGER NOT NULL DEFAULT 0,
    closed_reason TEXT
);
CREATE INDEX IF NOT EXISTS connection_by_session ON connection (session_id);
)";

} // namespace

void prepare_schema(Database& database) {
    if (database.number("PRAGMA user_version") > version)
        throw DatabaseError("it was written by a newer dev server; use that one or another file");
    database.script(tables);
    database.script("PRAGMA user_version=2");
}

} // namespace devserver
