#include "devserver/store/sessions.hpp"

#include "base/base64.hpp"

#include <chrono>

namespace devserver {
namespace {

constexpr const char* live = "status IN ('pending','active')";

const char* column(Sessions::Reference reference) {
    switch (reference) {
    case Sessions::Reference::auth_token:
        return "auth_token_id";
    case Sessions::Reference::user:
        return "user_id";
    case Sessions::Reference::target:
        return "target_id";
    case Sessions::Reference::target_address:
        return "(CASE WHEN host_id = '' THEN target_id END)";
    case Sessions::Reference::host:
        return "host_id";
    case Sessions::Reference::host_set:
        return "host_set_id";
    case Sessions::Reference::project:
        break;
    }
    return "(SELECT scope_id FROM resource WHERE resource.id = session.id)";
}

} // namespace

Resource Sessions::create(const Session& session, const std::string& scope_id) {
    Resource resource;
    resource.id = session.id;
    resource.kind = "session";
    resource.type = "tcp";
    resource.scope_id = scope_id;
    resource.owner_id = session.user_id;
    Transaction transaction(database_);
    resource = resources_.create(std::move(resource));
    database_.run("INSERT INTO session (id, status, target_id, user_id, auth_token_id, "
                  "host_set_id, host_id, endpoint, "
                  "expiration, connection_limit, certificate, private_key) VALUES "
                  "(?,'pending',?,?,?,?,?,?,?,?,?,?)",
                  session.id, session.target_id, session.user_id, session.auth_token_id,
                  session.host_set_id, session.host_id, session.endpoint, session.expiration,
                  session.connection_limit, agent::base64_encode(session.certificate_der),
                  agent::base64_encode(session.private_key.reveal()));
    database_.run(
        "INSERT INTO session_state (session_id, number, status, started) VALUES (?,1,'pending',?)",
        session.id, resource.created);
    transaction.commit();
    return resource;
}

std::optional<Session> Sessions::find(const std::string& id) {
    auto row = database_.query("SELECT id, status, target_id, user_id, auth_token_id, host_set_id, "
                               "host_id, endpoint, expiration, "
                               "connection_limit, certificate, private_key, tofu_token, "
                               "termination_reason FROM session WHERE id=?",
                               id);
    if (!row.step()) return std::nullopt;
    Session session;
    session.id = row.text(0);
    session.status = row.text(1);
    session.target_id = row.text(2);
    session.user_id = row.text(3);
    session.auth_token_id = row.text(4);
    session.host_set_id = row.text(5);
    session.host_id = row.text(6);
    session.endpoint = row.text(7);
    session.expiration = row.time(8);
    session.connection_limit = static_cast<std::int32_t>(row.integer(9));
    session.certificate_der = agent::base64_decode(row.text(10)).value_or("");
    session.private_key = Secret(agent::base64_decode(row.text(11)).value_or(""));
    session.tofu_token = Secret(row.text(12));
    session.termination_reason = row.text(13);
    return session;
}

std::vector<SessionState> Sessions::states(const std::string& id) {
    std::vector<SessionState> found;
    auto row = database_.query(
        "SELECT status, started, ended FROM session_state WHERE session_id=? ORDER BY number DESC",
        id);
    while (row.step())
        found.push_back(
            {row.text(0), row.time(1), row.is_null(2) ? std::nullopt : std::optional(row.time(2))});
    return found;
}

void Sessions::enter(const std::string& id, const std::string& status) {
    const auto now = to_microseconds(now_());
    database_.run("UPDATE session_state SET ended=? WHERE session_id=? AND ended IS NULL", now, id);
    database_.run("INSERT INTO session_state (session_id, number, status, started) SELECT ?1, "
                  "max(number) + 1, ?2, ?3 "
                  "FROM session_state WHERE session_id=?1",
                  id, status, now);
    database_.run("UPDATE session SET status=? WHERE id=?", status, id);
    database_.run("UPDATE resource SET updated=?, version=version+1, terminated=? WHERE id=?", now,
                  status == "terminated" ? 1 : 0, id);
}

Sessions::Canceled Sessions::cancel(const std::string& id, std::uint32_t version) {
    const auto resource = resources_.find(id);
    const auto session = find(id);
    if (!resource || !session || session->status == "canceling" || session->status == "terminated")
        return Canceled::already_over;
    if (resource->version != version) return Canceled::wrong_version;
    Transaction transaction(database_);
    enter(id, "canceling");
    transaction.commit();
    announce(id);
    return Canceled::now;
}

void Sessions::cancel_all_of(Reference reference, const std::string& id) {
    std::vector<std::string> sessions;
    auto row = database_.query(std::string("SELECT id FROM session WHERE ") + live + " AND " +
                                   column(reference) + "=?",
                               id);
    while (row.step()) sessions.push_back(row.text(0));
    for (const auto& session : sessions) {
        Transaction transaction(database_);
        enter(session, "canceling");
        transaction.commit();
        announce(session);
    }
    if (reference == Reference::auth_token)
        database_.run("UPDATE session SET auth_token_id='' WHERE auth_token_id=?", id);
}

// Over: no open connection, and expired, cancelled or used up; the reason is the first of these
// that holds.
bool Sessions::end_if_over(const Session& session) {
    if (session.status == "terminated" || connections_open(session.id) > 0) return false;
    std::string reason;
    if (now_() >= session.expiration)
        reason = "timed out";
    else if (session.status == "canceling")
        reason = "canceled";
    else if (session.connection_limit != -1 &&
             connections_ever(session.id) >= session.connection_limit)
        reason = "connection limit";
    else
        return false;
    Transaction transaction(database_);
    enter(session.id, "terminated");
    database_.run("UPDATE session SET termination_reason=? WHERE id=?", reason, session.id);
    transaction.commit();
    return true;
}

// Thousands may live while few are over: those that cannot be are not even read, and all that end
// do in one transaction.
void Sessions::end_what_is_over() {
    std::vector<std::string> ids;
    {
        auto row = database_.query(
            "SELECT id FROM session WHERE status IN ('pending','active','canceling') AND "
            "(expiration <= ? OR status = 'canceling' OR connection_limit != -1)",
            now_());
        while (row.step()) ids.push_back(row.text(0));
    }
    if (ids.empty()) return;
    std::vector<std::string> ended;
    Transaction transaction(database_);
    for (auto& id : ids)
        if (const auto session = find(id); session && end_if_over(*session))
            ended.push_back(std::move(id));
    transaction.commit();
    for (const auto& id : ended) announce(id);
}

void Sessions::forget_old() {
    const auto limit = now_() - std::chrono::hours(1);
    std::vector<Resource> old;
    {
        auto row = database_.query(
            std::string("SELECT ") + Resources::columns +
                " FROM resource WHERE kind='session' AND terminated=1 AND updated < ?",
            limit);
        while (row.step()) old.push_back(Resources::read_row(row));
    }
    Transaction transaction(database_);
    for (const auto& session : old) {
        resources_.erase(session);
        for (const char* table :
             {"DELETE FROM session_state WHERE session_id=?",
              "DELETE FROM connection WHERE session_id=?", "DELETE FROM session WHERE id=?"})
            database_.run(table, session.id);
    }
    // whoever lists by a token has heard of it: those live for 30 days
    database_.run("DELETE FROM tombstone WHERE deleted < ?", now_() - std::chrono::hours(24 * 31));
    transaction.commit();
}

Result<SessionRecord> Sessions::lookup_session(const std::string& session_id) {
    auto session = find(session_id);
    const auto resource = resources_.find(session_id);
    if (!session || !resource)
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "no session " + session_id);
    if (now_() >= session->expiration)
        return agent::fail(agent::Errc::session_over, agent::Hop::expiry,
                           "session " + session_id + " has expired");
    SessionRecord record;
    record.id = session_id;
    record.status = session_status(session_id);
    record.version = resource->version;
    record.certificate_der = std::move(session->certificate_der);
    record.private_key = std::move(session->private_key);
    record.tofu_token = std::move(session->tofu_token);
    record.expiration = session->expiration;
    record.endpoint = std::move(session->endpoint);
    return record;
}

Status Sessions::activate_session(const std::string& session_id, const Secret& tofu_token,
                                  std::uint32_t version) {
    const auto session = find(session_id);
    const auto resource = resources_.find(session_id);
    if (!session || !resource || session->status != "pending" || now_() >= session->expiration)
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "session " + session_id + " is not pending");
    if (resource->version != version)
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "session " + session_id + " has changed meanwhile");
    Transaction transaction(database_);
    enter(session_id, "active");
    database_.run("UPDATE session SET tofu_token=? WHERE id=?", tofu_token.reveal(), session_id);
    transaction.commit();
    return {};
}

Status Sessions::cancel_session(const std::string& session_id) {
    const auto resource = resources_.find(session_id);
    if (!resource)
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "no session " + session_id);
    cancel(session_id, resource->version);
    return {};
}

SessionStatus Sessions::session_status(const std::string& session_id) {
    auto row = database_.query("SELECT status FROM session WHERE id=?", session_id);
    if (!row.step()) return SessionStatus::terminated;
    const auto status = row.text(0);
    if (status == "pending") return SessionStatus::pending;
    if (status == "active") return SessionStatus::active;
    return status == "canceling" ? SessionStatus::canceling : SessionStatus::terminated;
}

} // namespace devserver
