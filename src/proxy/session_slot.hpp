#pragma once
// SessionSlot: where a proxy's connections get their session, and where they are held while there
// is none. proxy.cpp fills and empties it; connection.cpp takes from it.

#include "async/event.hpp"
#include "proxy/session.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace agent::proxy {

struct HoldLimits {
    std::size_t clients = 64;               ///< held at once; more are closed
    std::chrono::milliseconds time{60'000}; ///< for each
};

/// Told that a client waits and there is no session.
class SessionSeeker {
  public:
    virtual void session_wanted() = 0;

  protected:
    ~SessionSeeker() = default;
};

class SessionSlot {
  public:
    SessionSlot(boost::asio::any_io_executor executor, SessionSeeker& seeker, HoldLimits limits)
        : changed_(executor), seeker_(seeker), limits_(limits) {}

    const std::shared_ptr<Session>& current() const { return current_; }
    /// The one that was suspended or is over, for what is shown and for canceling; the current one
    /// when there is one.
    const std::shared_ptr<Session>& last() const { return current_ ? current_ : last_; }
    std::size_t waiting() const { return waiting_; }

    void give(std::shared_ptr<Session> session);
    /// No new connection uses it; it may be given again.
    void take_away();
    /// Held clients are let go with `why` at once, and later ones too, until a session is given or
    /// let_wait() is called.
    void refuse(Error why);
    void let_wait();

    /// The session for a new connection. Waits while there is none; `still_there` is asked now and
    /// then. Errc::timed_out and limit_exceeded when it was held too long or too many are,
    /// Errc::canceled when the client has left.
    awaitable<Result<std::shared_ptr<Session>>> take(const std::function<bool()>& still_there);

  private:
    std::shared_ptr<Session> current_;
    std::shared_ptr<Session> last_;
    std::optional<Error> refusal_;
    async::Event changed_;
    SessionSeeker& seeker_;
    HoldLimits limits_;
    std::size_t waiting_ = 0;
};

} // namespace agent::proxy
