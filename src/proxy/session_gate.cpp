#include "proxy/session_gate.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace agent::proxy {

using boundary::CloseMeaning;
using Clock = std::chrono::steady_clock;

SessionGate::SessionGate(boost::asio::any_io_executor executor, WorkerAccess access,
                         Secret tofu_token, GateLimits limits)
    : first_done_(executor), route_changed_(executor), access_(access),
      tofu_token_(std::move(tofu_token)), limits_(limits.retry), warm_(access, limits.warm) {}

// Held while a handshake runs on a session that nobody has activated yet. However it ends, the next
// one is let in.
class SessionGate::Turn {
  public:
    explicit Turn(SessionGate& gate) : gate_(gate) { gate_.first_running_ = true; }
    Turn(const Turn&) = delete;
    ~Turn() {
        gate_.first_running_ = false;
        gate_.first_done_.notify_all();
    }

  private:
    SessionGate& gate_;
};

awaitable<Result<OpenConnection>> SessionGate::open(FirstBytes& first) {
    const auto deadline = Clock::now() + limits_.total;
    auto pause = limits_.first_pause;
    Attempt state;
    for (int tries = 1;; ++tries) {
        auto opened = co_await attempt(first, state);
        if (opened || !state.again) co_return opened;
        if (Clock::now() >= deadline) {
            Error error = opened.error();
            error.message += fmt::format(" ({} tries)", tries);
            co_return error;
        }
        log::debug("retry={} after={}", tries, opened.error().message);
        co_await pause_before(tries, pause);
        state = Attempt{false, false};
    }
}

// The first retry comes at once, the others spread out, so that many connections refused together
// do not come back together.
awaitable<void> SessionGate::pause_before(int tries, std::chrono::milliseconds& pause) {
    if (tries == 1) co_return;
    const auto spread = random_below(static_cast<std::size_t>(pause.count()) + 1);
    co_await async::sleep_for(pause / 2 + std::chrono::milliseconds(spread / 2));
    pause = std::min(pause * 2, limits_.longest_pause);
}

awaitable<Result<OpenConnection>> SessionGate::attempt(FirstBytes& first, Attempt& attempt) {
    OpenConnection connection;
    auto warm = attempt.may_be_warm ? warm_.take() : std::nullopt;
    const bool is_warm = warm.has_value();
    if (is_warm) {
        connection.worker = std::move(*warm);
    } else {
        NotReached why;
        auto reached = co_await reach(why); // side by side with others
        attempt.again = why.again;
        if (!reached) co_return reached.error();
        connection.worker = std::move(*reached);
    }

    while (!activated_ && first_running_) co_await first_done_.wait();
    std::optional<Turn> turn;
    if (!activated_) turn.emplace(*this);

    boundary::ClientHandshake handshake;
    handshake.tofu_token = tofu_token_;
    auto outcome = co_await shake_hands(access_, connection.worker, std::move(handshake), &first);
    if (!outcome.worked()) {
        // What is said to one that was opened a while ago may be old news: only a fresh one's word
        // is final.
        attempt.again = is_warm || outcome.meaning == CloseMeaning::retry;
        if (is_warm && !connection.worker.stream->peer_close()) warm_.drop();
        co_return outcome.error;
    }
    activated_ = true;
    connection.result = outcome.result;
    if (outcome.result.connections_left == 0) {
        warm_.clear();
    } else {
        warm_.used();
    }
    co_return connection;
}

// Packets that went the old way are lost, and TCP waits ever longer before it sends them again.
awaitable<Result<ReachedWorker>> SessionGate::reach(NotReached& why) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (reach_worker(access_, why) || route_changed_.wait());
    if (first.index() == 0) co_return std::move(std::get<0>(first));
    why.again = true;
    co_return fail(Errc::worker_unreachable, Hop::worker,
                   "the network changed while a worker was being reached");
}

awaitable<Status> SessionGate::cancel_session() {
    auto pause = limits_.first_pause;
    for (int tries = 1;; ++tries) {
        bool again = false;
        auto canceled = co_await proxy::cancel_session(access_, tofu_token_, again);
        if (canceled || !again) co_return canceled; // the caller limits the time
        co_await pause_before(tries, pause);
    }
}

} // namespace agent::proxy
