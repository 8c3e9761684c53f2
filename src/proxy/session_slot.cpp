#include "proxy/session_slot.hpp"

#include "async/with_timeout.hpp"
#include "base/scope_exit.hpp"

#include <fmt/format.h>

namespace agent::proxy {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds longest_wait{500}; // between two looks at the client

Error held_too_long(std::chrono::milliseconds limit) {
    return fail(Errc::timed_out, Hop::agent,
                fmt::format("no session within {:.3g} s: the client was let go",
                            double(limit.count()) / 1e3),
                "agentctl why NAME tells what is missing.");
}

} // namespace

void SessionSlot::give(std::shared_ptr<Session> session) {
    if (last_ && last_ != session) last_->gate().retire();
    current_ = std::move(session);
    last_ = current_;
    refusal_.reset();
    changed_.notify_all();
}

void SessionSlot::take_away() {
    if (current_) current_->gate().retire();
    current_.reset();
}

void SessionSlot::refuse(Error why) {
    refusal_ = std::move(why);
    changed_.notify_all();
}

void SessionSlot::let_wait() {
    refusal_.reset();
}

awaitable<Result<std::shared_ptr<Session>>>
SessionSlot::take(const std::function<bool()>& still_there) {
    if (current_) co_return current_;
    if (refusal_) {
        const Error why = *refusal_;
        seeker_.session_wanted(); // for the next client, if what stood in the way has gone
        co_return why;
    }
    if (waiting_ >= limits_.clients)
        co_return fail(
            Errc::limit_exceeded, Hop::agent,
            fmt::format("{} clients wait for a session already: one more was let go", waiting_));
    ++waiting_;
    const ScopeExit counted([this] { --waiting_; });
    const auto deadline = Clock::now() + limits_.time;
    seeker_.session_wanted();
    while (!current_ && !refusal_) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) co_return held_too_long(limits_.time);
        co_await async::with_timeout(changed_.wait(), std::min(left, longest_wait));
        const bool there = still_there();
        if (!there)
            co_return fail(Errc::canceled, Hop::local,
                           "the client left while it waited for a session");
    }
    if (!current_) co_return *refusal_;
    co_return current_;
}

} // namespace agent::proxy
