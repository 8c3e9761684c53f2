#pragma once
// WarmPool: worker connections opened ahead of need: TLS and WebSocket are done, no handshake is
// sent, so nothing of the session is spent and the next client saves three round trips.
// session_gate.cpp owns one.
//
// Few and young, because a worker that is told to stop waits for them too: one while the session is
// in use, some more while clients come faster than they can be replaced, none for a session that
// nobody has used. A worker that has dropped one is noticed by take(), by a ping, or at the latest
// by the handshake, which then is tried on a fresh connection.

#include "async/task_group.hpp"
#include "proxy/worker_link.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <optional>

namespace agent::proxy {

struct WarmLimits {
    std::size_t quiet = 1;                           ///< kept ready after use; 0: none ever
    std::size_t burst = 6;                           ///< the most
    std::chrono::milliseconds after_use{5 * 60'000}; ///< then none is kept
    std::chrono::milliseconds calm{60'000};          ///< without a client too many: back to `quiet`
    std::chrono::milliseconds age{3 * 60'000};       ///< then replaced
    std::chrono::milliseconds ping{30'000};          ///< and so often everything above is looked at
    std::chrono::milliseconds after_failure{2'000};  ///< before the next is opened
};

class WarmPool {
  public:
    WarmPool(WorkerAccess access, WarmLimits limits) : access_(access), limits_(limits) {}
    /// Without this nothing is opened. What runs in `tasks` holds `owner`, whose part the pool is.
    void work_in(async::TaskGroup& tasks, std::weak_ptr<void> owner);

    /// The youngest that is alive as far as one can tell without asking it.
    std::optional<ReachedWorker> take();
    /// A connection of the session got through: it is worth keeping some ready.
    void used();
    /// Forgets those that are ready: one of them was found dead.
    void drop() { ready_.clear(); }
    /// None, until used() is called again.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        ReachedWorker worker;
        bool pinged = false;
        int received = 0; ///< bytes that waited when it was pinged
    };

    void fill(std::chrono::microseconds pause = {});
    awaitable<void> open(std::shared_ptr<void> owner, std::chrono::microseconds pause);
    awaitable<void> look_after();
    bool worth_keeping(Entry& entry, Clock::time_point now) const;

    WorkerAccess access_;
    WarmLimits limits_;
    std::list<Entry> ready_; ///< the youngest last
    std::size_t opening_ = 0;
    std::size_t wanted_ = 0;
    std::optional<Clock::time_point> last_use_;
    Clock::time_point last_miss_;
    bool looking_after_ = false;
    bool failing_ = false; ///< a worker could not be reached: after_failure runs
    async::TaskGroup* tasks_ = nullptr;
    std::weak_ptr<void> owner_;
};

} // namespace agent::proxy
