// A short history of events, and what each proxy has carried.

#include "state/guarded.hpp"
#include "state/state_store.hpp"

#include <algorithm>

namespace agent::state {
namespace {
constexpr std::int64_t kept_events = 1000;

void raise_counters(Database& database, const std::string& proxy, const Counters& more) {
    database.run(
        "INSERT INTO counters (proxy, sessions, connections, failures, bytes_up, bytes_down) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (proxy) DO UPDATE SET "
        "sessions = sessions + excluded.sessions, connections = connections + "
        "excluded.connections, "
        "failures = failures + excluded.failures, bytes_up = bytes_up + excluded.bytes_up, "
        "bytes_down = bytes_down + excluded.bytes_down",
        proxy, more.sessions, more.connections, more.failures, more.bytes_up, more.bytes_down);
}

} // namespace

Status StateStore::add_event(const EventRecord& event) {
    return guarded(path_, [&] {
        const Unsynced told(*database_); // before somebody is answered: no disk to wait for
        Transaction both(*database_);
        database_->run("INSERT INTO events (time, kind, proxy, message) VALUES (?, ?, ?, ?)",
                       event.time, event.kind, event.proxy, event.message);
        database_->run("DELETE FROM events WHERE number <= (SELECT MAX(number) FROM events) - ?",
                       kept_events);
        both.commit();
    });
}

Result<std::vector<EventRecord>> StateStore::events(const std::string& proxy, std::int64_t limit) {
    return guarded(path_, [&] {
        std::vector<EventRecord> found;
        auto row = database_->query(
            "SELECT time, kind, proxy, message FROM events WHERE ?1 = '' OR proxy = ?1 "
            "ORDER BY number DESC LIMIT ?2",
            proxy, limit);
        while (row.step()) {
            EventRecord& one = found.emplace_back();
            one.time = row.text(0);
            one.kind = row.text(1);
            one.proxy = row.text(2);
            one.message = row.text(3);
        }
        std::ranges::reverse(found);
        return found;
    });
}

Status StateStore::add_counters(const std::string& proxy, const Counters& more,
                                const std::string& process, const Counters& own) {
    return guarded(path_, [&] {
        Transaction both(*database_);
        raise_counters(*database_, proxy, more);
        database_->run("INSERT OR REPLACE INTO counted (proxy, process, connections, failures, "
                       "bytes_up, bytes_down) "
                       "VALUES (?, ?, ?, ?, ?, ?)",
                       proxy, process, own.connections, own.failures, own.bytes_up, own.bytes_down);
        both.commit();
    });
}

Status StateStore::add_session(const std::string& proxy) {
    Counters one;
    one.sessions = 1;
    return guarded(path_, [&] { raise_counters(*database_, proxy, one); });
}

Result<Counters> StateStore::counters(const std::string& proxy) {
    return guarded(path_, [&] {
        Counters sum;
        auto row = database_->query("SELECT sessions, connections, failures, bytes_up, bytes_down "
                                    "FROM counters WHERE proxy = ?",
                                    proxy);
        if (!row.step()) return sum;
        sum.sessions = row.integer(0);
        sum.connections = row.integer(1);
        sum.failures = row.integer(2);
        sum.bytes_up = row.integer(3);
        sum.bytes_down = row.integer(4);
        return sum;
    });
}

Result<Counters> StateStore::counted(const std::string& proxy, const std::string& process) {
    return guarded(path_, [&] {
        Counters own;
        auto row =
            database_->query("SELECT connections, failures, bytes_up, bytes_down FROM counted "
                             "WHERE proxy = ? AND process = ?",
                             proxy, process);
        if (!row.step()) return own;
        own.connections = row.integer(0);
        own.failures = row.integer(1);
        own.bytes_up = row.integer(2);
        own.bytes_down = row.integer(3);
        return own;
    });
}

} // namespace agent::state
