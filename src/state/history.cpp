// A short history of events, and what each proxy has carried.

#include "state/guarded.hpp"
#include "state/state_store.hpp"

#include <algorithm>

namespace agent::state {
namespace {
constexpr std::int64_t kept_events = 1000;
}

Status StateStore::add_event(const EventRecord& event) {
    return guarded(path_, [&] {
        const Unsynced told(*database_); // before somebody is answered: no disk to wait for
        Transaction both(*database_);
        database_->run("INSERT INTO events (time, kind, proxy, message) VALUES (?, ?, ?, ?)", event.time, event.kind,
                       event.proxy, event.message);
        database_->run("DELETE FROM events WHERE number <= (SELECT MAX(number) FROM events) - ?", kept_events);
        both.commit();
    });
}

Result<std::vector<EventRecord>> StateStore::events(const std::string& proxy, std::int64_t limit) {
    return guarded(path_, [&] {
        std::vector<EventRecord> found;
        auto row = database_->query("SELECT time, kind, proxy, message FROM events WHERE ?1 = '' OR proxy = ?1 "
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

Status StateStore::add_counters(const std::string& proxy, const Counters& more) {
    return guarded(path_, [&] {
        database_->run("INSERT INTO counters (proxy, sessions, connections, failures, bytes_up, bytes_down) "
                       "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (proxy) DO UPDATE SET "
                       "sessions = sessions + excluded.sessions, connections = connections + excluded.connections, "
                       "failures = failures + excluded.failures, bytes_up = bytes_up + excluded.bytes_up, "
                       "bytes_down = bytes_down + excluded.bytes_down",
                       proxy, more.sessions, more.connections, more.failures, more.bytes_up, more.bytes_down);
    });
}

Result<Counters> StateStore::counters(const std::string& proxy) {
    return guarded(path_, [&] {
        Counters sum;
        auto row = database_->query(
            "SELECT sessions, connections, failures, bytes_up, bytes_down FROM counters WHERE proxy = ?", proxy);
        if (!row.step()) return sum;
        sum.sessions = row.integer(0);
        sum.connections = row.integer(1);
        sum.failures = row.integer(2);
        sum.bytes_up = row.integer(3);
        sum.bytes_down = row.integer(4);
        return sum;
    });
}

} // namespace agent::state
