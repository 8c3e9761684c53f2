#include "proxy/session_gate.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

#include <algorithm>

namespace agent::proxy {

using boundary::CloseMeaning;
using Clock = std::chrono::steady_clock;

SessionGate::SessionGate(boost::asio::any_io_executor executor, WorkerAccess access, Secret tofu_token,
                         RetryLimits limits)
    : first_done_(executor), access_(access), tofu_token_(std::move(tofu_token)), limits_(limits) {}

// Held while a handshake runs on a session that nobody has activated yet. However it ends, the next one is let in.
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

awaitable<Result<OpenConnection>> SessionGate::open() {
    const auto deadline = Clock::now() + limits_.total;
    auto pause = limits_.first_pause;
    for (int tries = 1;; ++tries) {
        bool again = false;
        auto opened = co_await attempt(again);
        if (opened || !again) co_return opened;
        if (Clock::now() >= deadline) {
            Error error = opened.error();
            error.message += fmt::format(" ({} tries)", tries);
            co_return error;
        }
        ++retries_;
        log::debug("retry={} after={}", tries, opened.error().message);
        if (tries == 1) continue;
        // Spread out, so that many connections refused together do not come back together.
        const auto spread = random_below(static_cast<std::size_t>(pause.count()) + 1);
        co_await async::sleep_for(pause / 2 + std::chrono::milliseconds(spread / 2));
        pause = std::min(pause * 2, limits_.longest_pause);
    }
}

awaitable<Result<OpenConnection>> SessionGate::attempt(bool& again) {
    OpenConnection connection;
    auto reached = co_await reach_worker(access_); // side by side with others
    if (!reached) co_return reached.error();
    connection.worker = std::move(*reached);

    while (!activated_ && first_running_) co_await first_done_.wait();
    std::optional<Turn> turn;
    if (!activated_) turn.emplace(*this);

    boundary::ClientHandshake handshake;
    handshake.tofu_token = tofu_token_;
    auto outcome = co_await shake_hands(access_, connection.worker, std::move(handshake));
    if (!outcome.worked()) {
        again = outcome.meaning == CloseMeaning::retry;
        co_return outcome.error;
    }
    activated_ = true;
    connection.result = outcome.result;
    co_return connection;
}

awaitable<Status> SessionGate::cancel_session() {
    return proxy::cancel_session(access_, tofu_token_);
}

} // namespace agent::proxy
