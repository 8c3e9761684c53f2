#pragma once
// Sessions: the state machine pending → active → canceling → terminated, and what the worker asks
// about it. The API creates, reads and cancels; the worker calls through SessionAuthority; a ticker
// of the server ends what has expired.

#include "devserver/session_authority.hpp"
#include "devserver/store/resources.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace devserver {

struct SessionState {
    std::string status;
    WallTime started;
    std::optional<WallTime> ended;
};

struct SessionConnection {
    ConnectedAddresses addresses;
    std::uint64_t bytes_up = 0;
    std::uint64_t bytes_down = 0;
    std::string closed_reason; ///< empty while open
};

/// The row beside the session's Resource.
struct Session {
    std::string id;
    std::string status = "pending";
    std::string target_id;
    std::string user_id;
    std::string auth_token_id;
    std::string host_set_id;
    std::string host_id;
    std::string endpoint; ///< "tcp://host:port"
    WallTime expiration;
    std::int32_t connection_limit = -1;
    std::string certificate_der;
    Secret private_key;
    Secret tofu_token;
    std::string termination_reason;
};

class Sessions final : public SessionAuthority {
  public:
    Sessions(Database& database, Resources& resources, const Clock& now)
        : database_(database), resources_(resources), now_(now) {}

    /// Called with the id of every session that was cancelled or terminated: the worker cuts its
    /// connections.
    std::function<void(const std::string&)> on_ended;

    Resource create(const Session& session, const std::string& scope_id);
    std::optional<Session> find(const std::string& id);
    std::vector<SessionState> states(const std::string& id);           ///< newest first
    std::vector<SessionConnection> connections(const std::string& id); ///< newest first

    enum class Canceled { now, already_over, wrong_version };
    Canceled cancel(const std::string& id, std::uint32_t version);
    /// target_address: sessions that went to the address of the target itself.
    enum class Reference { auth_token, user, target, target_address, host, host_set, project };
    /// Cancels every live session that refers to `id`: its token, user, target … has gone.
    void cancel_all_of(Reference reference, const std::string& id);

    /// The ticker's work: terminates every session that is over.
    void end_what_is_over();
    /// Deletes what has been terminated for an hour, and the traces of what was deleted a month
    /// ago.
    void forget_old();
    /// After a start: connections an earlier process left open are closed as "system error".
    void close_left_open();

    Result<SessionRecord> lookup_session(const std::string& session_id) override;
    Status activate_session(const std::string& session_id, const Secret& tofu_token,
                            std::uint32_t version) override;
    Result<ConnectionGrant> authorize_connection(const std::string& session_id) override;
    Status connect_connection(const std::string& connection_id,
                              const ConnectedAddresses& addresses) override;
    void report_bytes(const std::string& connection_id, std::uint64_t up,
                      std::uint64_t down) override;
    void close_connection(const std::string& connection_id, std::uint64_t up,
                          std::uint64_t down) override;
    Status cancel_session(const std::string& session_id) override;
    SessionStatus session_status(const std::string& session_id) override;

  private:
    void enter(const std::string& id, const std::string& status);
    bool end_if_over(const Session& session); ///< true: it was, and announcing is the caller's
    std::int64_t connections_ever(const std::string& id);
    std::int64_t connections_open(const std::string& id);
    void announce(const std::string& id) {
        if (on_ended) on_ended(id);
    }

    Database& database_;
    Resources& resources_;
    const Clock& now_;
};

} // namespace devserver
