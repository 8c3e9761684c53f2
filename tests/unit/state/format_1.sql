-- A state.db of format 1, as `sqlite3 state.db .dump` printed it. It must stay readable: never edit it.
PRAGMA journal_mode=WAL;
BEGIN TRANSACTION;
CREATE TABLE proxies (name TEXT PRIMARY KEY, source TEXT NOT NULL, cluster TEXT NOT NULL, cluster_settings TEXT NOT NULL,
    token_name TEXT NOT NULL, target TEXT NOT NULL, target_name TEXT NOT NULL, scope_id TEXT NOT NULL, scope_name TEXT NOT NULL,
    host_id TEXT NOT NULL, listen_address TEXT NOT NULL, wished_port INTEGER NOT NULL, port INTEGER NOT NULL,
    shared INTEGER NOT NULL, eager INTEGER NOT NULL, after_cancel TEXT NOT NULL, inactive_timeout_ms INTEGER NOT NULL,
    stopped TEXT NOT NULL, created TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO proxies VALUES('pg','kept','https://boundary.example.com','{"address":"https://boundary.example.com"}','default',
    'ttcp_1234567890','','','','hst_1234567890','127.0.0.1',0,15432,0,1,'reauthorize',0,'','2026-11-24T00:29:57Z');
CREATE TABLE sessions (id TEXT PRIMARY KEY, proxy TEXT NOT NULL, cluster TEXT NOT NULL, cluster_settings TEXT NOT NULL,
    token_name TEXT NOT NULL, target_id TEXT NOT NULL, state TEXT NOT NULL, expiration TEXT NOT NULL, created TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
INSERT INTO sessions VALUES('s_1234567890','pg','https://boundary.example.com','{}','default','ttcp_1234567890','held',
    '2026-11-24T08:29:57Z','2026-11-24T00:29:57Z');
CREATE TABLE counters (proxy TEXT PRIMARY KEY, sessions INTEGER NOT NULL, connections INTEGER NOT NULL,
    failures INTEGER NOT NULL, bytes_up INTEGER NOT NULL, bytes_down INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES('pg',2,7,1,1000,2000);
CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, kind TEXT NOT NULL, proxy TEXT NOT NULL,
    message TEXT NOT NULL) STRICT;
INSERT INTO events VALUES(1,'2026-11-24T00:29:57Z','proxy-started','pg','listening on 127.0.0.1:15432');
CREATE INDEX events_by_proxy ON events (proxy, number);
CREATE TABLE clusters (name TEXT PRIMARY KEY, settings TEXT NOT NULL, current INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO clusters VALUES('work','{"address":"https://boundary.example.com"}',1);
PRAGMA user_version=1;
COMMIT;
