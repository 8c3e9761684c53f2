#pragma once
// SessionGate: the order in which a session's connections shake hands, and what is tried again. The
// first handshake of a session goes alone, because two at once race for its activation; refusals
// that mean "nothing happened" are retried on a fresh connection. connection.cpp calls open().

#include "async/event.hpp"
#include "base/secret.hpp"
#include "proxy/first_bytes.hpp"
#include "proxy/warm_pool.hpp"
#include "proxy/worker_link.hpp"

#include <chrono>
#include <functional>

namespace agent::proxy {

struct RetryLimits {
    std::chrono::milliseconds first_pause{20}; ///< before the second retry; the first comes at once
    std::chrono::milliseconds longest_pause{1'000};
    std::chrono::milliseconds total{30'000}; ///< no attempt begins later than this
};

struct GateLimits {
    RetryLimits retry;
    WarmLimits warm;
};

struct OpenConnection {
    ReachedWorker worker;
    boundary::HandshakeResult result;
};

class SessionGate {
  public:
    /// `tofu_token` binds the session to us with the first handshake.
    SessionGate(boost::asio::any_io_executor executor, WorkerAccess access, Secret tofu_token,
                GateLimits limits = {});

    /// A connection that is ready to carry bytes, or the final refusal. One call's failure is
    /// nobody else's. What `first` holds then has been sent behind the handshake; after a refusal
    /// nobody has received it.
    awaitable<Result<OpenConnection>> open(FirstBytes& first);
    awaitable<Status> cancel_session();
    /// `tasks` may open worker connections ahead of need, and hold `owner`, whose part the gate is,
    /// while they do.
    void open_ahead_in(async::TaskGroup& tasks, std::weak_ptr<void> owner) {
        warm_.work_in(tasks, std::move(owner));
    }
    /// What was opened ahead of need may be dead, and who is reaching for a worker begins anew.
    void route_changed() {
        warm_.drop();
        route_changed_.notify_all();
    }
    /// No new connection will come: what was opened ahead of need is closed.
    void retire() { warm_.clear(); }

  private:
    class Turn;
    struct Attempt {
        bool may_be_warm = true;
        bool again = false; ///< what came back is not final
    };
    awaitable<Result<OpenConnection>> attempt(FirstBytes& first, Attempt& attempt);
    awaitable<Result<ReachedWorker>> reach(NotReached& why);
    awaitable<void> pause_before(int tries, std::chrono::milliseconds& pause);

    async::Event first_done_;
    async::Event route_changed_;
    WorkerAccess access_;
    Secret tofu_token_;
    RetryLimits limits_;
    WarmPool warm_;
    bool activated_ = false;     ///< a HandshakeResult has come: the session is ours and active
    bool first_running_ = false; ///< somebody is sending the session's first handshake
};

} // namespace agent::proxy
