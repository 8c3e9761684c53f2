// The connections of sessions, for Sessions: one row for each ever authorized, because the limit
// counts all of them.

#include "devserver/store/ids.hpp"
#include "devserver/store/sessions.hpp"

namespace devserver {

std::vector<SessionConnection> Sessions::connections(const std::string& id) {
    std::vector<SessionConnection> found;
    auto row =
        database_.query("SELECT client_address, client_port, endpoint_address, endpoint_port, "
                        "bytes_up, bytes_down, "
                        "closed_reason FROM connection WHERE session_id=? ORDER BY number DESC",
                        id);
    while (row.step()) {
        SessionConnection connection;
        connection.addresses.client_address = row.text(0);
        connection.addresses.client_port = static_cast<std::uint16_t>(row.integer(1));
        connection.addresses.endpoint_address = row.text(2);
        connection.addresses.endpoint_port = static_cast<std::uint16_t>(row.integer(3));
        connection.bytes_up = static_cast<std::uint64_t>(row.integer(4));
        connection.bytes_down = static_cast<std::uint64_t>(row.integer(5));
        connection.closed_reason = row.text(6);
        found.push_back(std::move(connection));
    }
    return found;
}

std::int64_t Sessions::connections_ever(const std::string& id) {
    auto row = database_.query("SELECT count(*) FROM connection WHERE session_id=?", id);
    return row.step() ? row.integer(0) : 0;
}

std::int64_t Sessions::connections_open(const std::string& id) {
    auto row = database_.query(
        "SELECT count(*) FROM connection WHERE session_id=? AND closed_reason IS NULL", id);
    return row.step() ? row.integer(0) : 0;
}

Result<ConnectionGrant> Sessions::authorize_connection(const std::string& session_id) {
    const auto session = find(session_id);
    if (!session || session->status != "active")
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "session " + session_id + " is not active");
    if (now_() >= session->expiration)
        return agent::fail(agent::Errc::session_over, agent::Hop::expiry,
                           "session " + session_id + " has expired");
    const auto spent = connections_ever(session_id);
    if (session->connection_limit != -1 && spent >= session->connection_limit)
        return agent::fail(agent::Errc::session_over, agent::Hop::limit,
                           "session " + session_id + " has used its connections");
    ConnectionGrant grant;
    grant.connection_id = new_id("sc");
    grant.expiration = session->expiration;
    grant.connection_limit = session->connection_limit;
    if (session->connection_limit != -1)
        grant.connections_left = session->connection_limit - static_cast<std::int32_t>(spent) - 1;
    database_.run("INSERT INTO connection (id, session_id) VALUES (?,?)", grant.connection_id,
                  session_id);
    return grant;
}

Status Sessions::connect_connection(const std::string& connection_id,
                                    const ConnectedAddresses& addresses) {
    auto row = database_.query(
        "SELECT session_id FROM connection WHERE id=? AND closed_reason IS NULL", connection_id);
    if (!row.step())
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "no open connection " + connection_id);
    const auto session_id = row.text(0);
    if (session_status(session_id) != SessionStatus::active)
        return agent::fail(agent::Errc::session_over, agent::Hop::controller,
                           "session " + session_id + " is not active");
    database_.run("UPDATE connection SET client_address=?, client_port=?, endpoint_address=?, "
                  "endpoint_port=? WHERE id=?",
                  addresses.client_address, int{addresses.client_port}, addresses.endpoint_address,
                  int{addresses.endpoint_port}, connection_id);
    return {};
}

void Sessions::report_bytes(const std::string& connection_id, std::uint64_t up,
                            std::uint64_t down) {
    database_.run(
        "UPDATE connection SET bytes_up=?, bytes_down=? WHERE id=? AND closed_reason IS NULL",
        static_cast<std::int64_t>(up), static_cast<std::int64_t>(down), connection_id);
}

void Sessions::close_connection(const std::string& connection_id, std::uint64_t up,
                                std::uint64_t down) {
    std::string session_id;
    {
        auto row = database_.query("SELECT session_id FROM connection WHERE id=?", connection_id);
        if (!row.step()) return;
        session_id = row.text(0);
    }
    // a worker does not know why the bytes ended: Boundary's says "unknown" too
    database_.run("UPDATE connection SET bytes_up=?, bytes_down=?, closed_reason='unknown' WHERE "
                  "id=? AND closed_reason IS "
                  "NULL",
                  static_cast<std::int64_t>(up), static_cast<std::int64_t>(down), connection_id);
    if (const auto session = find(session_id); session && end_if_over(*session))
        announce(session_id);
}

void Sessions::close_left_open() {
    database_.run("UPDATE connection SET closed_reason='system error' WHERE closed_reason IS NULL");
    end_what_is_over();
}

} // namespace devserver
