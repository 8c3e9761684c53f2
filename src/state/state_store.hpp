#pragma once
// StateStore: what the agent remembers across restarts (state.db). agentd opens one; src/agent
// reads and writes it. A change is on disk when its call returns, so it may be acknowledged.

#include "base/result.hpp"
#include "state/records.hpp"

#include <memory>
#include <string>
#include <vector>

namespace agent::sqlite {
class Database;
}

namespace agent::state {

class StateStore {
  public:
    /// Opens or makes the file and brings it to today's format. A file that cannot be used
    /// (damaged, read-only, full disk, newer format) is left as it is: the store then works in
    /// memory and problem() says what is wrong.
    explicit StateStore(const std::string& path);
    StateStore(const StateStore&) = delete;
    StateStore& operator=(const StateStore&) = delete;
    ~StateStore();

    /// Why nothing will be remembered; empty: all is well.
    const std::string& problem() const { return problem_; }
    /// problem() as an error for whoever asks for something to be kept.
    Status durable() const;

    // proxies.cpp
    Status put_proxy(const ProxyRecord& proxy);
    /// true: there was one.
    Result<bool> forget_proxy(const std::string& name);
    Result<std::vector<ProxyRecord>> proxies();
    Status set_port(const std::string& name, std::int64_t port);
    Status set_stopped(const std::string& name, const std::string& boot);

    // sessions.cpp
    Status put_session(const SessionRecord& session);
    /// The answer to what was asked for, in one step: the "asked:…" row becomes the session's.
    Status session_answered(const std::string& asked_id, const SessionRecord& session);
    Status set_session_state(const std::string& id, model::SessionHold state);
    Result<bool> forget_session(const std::string& id);
    Result<std::vector<SessionRecord>> sessions();

    // history.cpp
    Status add_event(const EventRecord& event);
    /// The newest `limit`, oldest first; of one proxy when `proxy` is not empty.
    Result<std::vector<EventRecord>> events(const std::string& proxy, std::int64_t limit);
    /// `own`: how much of what `process` has carried is in the sum now; the two are written in one
    /// step.
    Status add_counters(const std::string& proxy, const Counters& more, const std::string& process,
                        const Counters& own);
    Status add_session(const std::string& proxy);
    Result<Counters> counters(const std::string& proxy);
    /// What of the figures of `process` was added so far.
    Result<Counters> counted(const std::string& proxy, const std::string& process);

    // clusters.cpp
    /// At most one cluster is current: setting one makes the others not.
    Status put_cluster(const ClusterRecord& cluster);
    Status set_current_cluster(const std::string& name);
    Result<bool> forget_cluster(const std::string& name);
    Result<std::vector<ClusterRecord>> clusters();

  private:
    std::string path_;
    std::string problem_;
    std::unique_ptr<sqlite::Database> database_;
};

} // namespace agent::state
