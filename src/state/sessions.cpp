// The sessions that this agent authorized.

#include "state/guarded.hpp"
#include "state/state_store.hpp"

namespace agent::state {
namespace {

void put(Database& database, const SessionRecord& session) {
    database.run("INSERT OR REPLACE INTO sessions (id, proxy, cluster, cluster_settings, "
                 "token_name, target_id, state, "
                 "expiration, created, authorization) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 session.id, session.proxy, session.cluster, session.cluster_settings,
                 session.token_name, session.target_id, name_of(session.state), session.expiration,
                 session.created, session.authorization);
}

} // namespace

Status StateStore::put_session(const SessionRecord& session) {
    return guarded(path_, [&] { put(*database_, session); });
}

Status StateStore::session_answered(const std::string& asked_id, const SessionRecord& session) {
    return guarded(path_, [&] {
        Transaction both(*database_);
        database_->run("DELETE FROM sessions WHERE id = ?", asked_id);
        put(*database_, session);
        both.commit();
    });
}

Status StateStore::set_session_state(const std::string& id, model::SessionHold state) {
    return guarded(path_, [&] {
        database_->run("UPDATE sessions SET state = ? WHERE id = ?", name_of(state), id);
    });
}

Result<bool> StateStore::forget_session(const std::string& id) {
    return guarded(path_,
                   [&] { return database_->run("DELETE FROM sessions WHERE id = ?", id) > 0; });
}

Result<std::vector<SessionRecord>> StateStore::sessions() {
    return guarded(path_, [&] {
        std::vector<SessionRecord> found;
        auto row = database_->query(
            "SELECT id, proxy, cluster, cluster_settings, token_name, target_id, state, "
            "expiration, created, authorization FROM sessions ORDER BY created, id");
        while (row.step()) {
            int column = 0;
            SessionRecord& one = found.emplace_back();
            std::string state;
            for (std::string* text :
                 {&one.id, &one.proxy, &one.cluster, &one.cluster_settings, &one.token_name,
                  &one.target_id, &state, &one.expiration, &one.created, &one.authorization})
                *text = row.text(column++);
            one.state = model::from_name<model::SessionHold>(state).value_or(one.state);
        }
        return found;
    });
}

} // namespace agent::state
