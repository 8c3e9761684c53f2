#pragma once
// MemoryAuthority: sessions in a map, with the controller's rules and none of its API. One thread
// only: the worker's.

#include "boundary/session_authorization.hpp"
#include "devserver/session_authority.hpp"
#include "devserver/worker/session_certificate.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace devserver::test {

class MemoryAuthority final : public SessionAuthority {
  public:
    struct Session {
        SessionRecord record;
        std::int32_t limit = -1;
        std::int32_t used = 0;
    };
    struct Connection {
        std::string session_id;
        ConnectedAddresses addresses;
        std::uint64_t up = 0, down = 0;
        int reports = 0;
        bool connected = false;
        bool closed = false;
    };

    Session& add(const std::string& id, const std::string& endpoint, agent::WallTime expiration) {
        auto made = make_session_certificate(id, {"127.0.0.1"}, agent::wall_now(), expiration);
        Session& session = sessions[id];
        session.record.id = id;
        session.record.certificate_der = made.certificate_der;
        session.record.private_key = made.private_key;
        session.record.expiration = expiration;
        session.record.endpoint = endpoint;
        return session;
    }

    Result<SessionRecord> lookup_session(const std::string& id) override {
        fail_if_broken();
        const auto found = sessions.find(id);
        if (found == sessions.end() || found->second.record.expiration <= agent::wall_now())
            return over();
        return found->second.record;
    }
    Status activate_session(const std::string& id, const Secret& token,
                            std::uint32_t version) override {
        auto& record = sessions.at(id).record;
        if (record.status != SessionStatus::pending || record.version != version) return over();
        record.status = SessionStatus::active;
        record.tofu_token = token;
        ++record.version;
        return {};
    }
    Result<ConnectionGrant> authorize_connection(const std::string& id) override {
        auto& session = sessions.at(id);
        const bool free = session.limit == -1 || session.used < session.limit;
        if (session.record.status != SessionStatus::active || !free) return over();
        ConnectionGrant grant;
        grant.connection_id = "sc_" + std::to_string(connections.size());
        grant.expiration = session.record.expiration;
        grant.connection_limit = session.limit;
        ++session.used;
        grant.connections_left = session.limit == -1 ? -1 : session.limit - session.used;
        connections[grant.connection_id].session_id = id;
        return grant;
    }
    Status connect_connection(const std::string& id, const ConnectedAddresses& addresses) override {
        if (refuse_connect) return over();
        connections.at(id).addresses = addresses;
        connections.at(id).connected = true;
        return {};
    }
    void report_bytes(const std::string& id, std::uint64_t up, std::uint64_t down) override {
        auto& connection = connections.at(id);
        connection.up = up;
        connection.down = down;
        ++connection.reports;
    }
    void close_connection(const std::string& id, std::uint64_t up, std::uint64_t down) override {
        auto& connection = connections.at(id);
        connection.up = up;
        connection.down = down;
        connection.closed = true;
    }
    Status cancel_session(const std::string& id) override {
        if (refuse_cancel) return over();
        sessions.at(id).record.status = SessionStatus::canceling;
        return {};
    }
    SessionStatus session_status(const std::string& id) override {
        fail_if_broken();
        const auto found = sessions.find(id);
        return found == sessions.end() ? SessionStatus::terminated : found->second.record.status;
    }

    std::map<std::string, Session> sessions;
    std::map<std::string, Connection> connections;
    bool refuse_connect = false;
    bool refuse_cancel = false;
    int failures_left = 0; ///< so many questions end as with a database that cannot be read

  private:
    void fail_if_broken() {
        if (failures_left > 0 && failures_left-- > 0) throw std::runtime_error("disk I/O error");
    }
    static agent::Error over() {
        return agent::fail(agent::Errc::session_over, agent::Hop::controller, "no such session");
    }
};

} // namespace devserver::test
