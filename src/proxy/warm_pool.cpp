#include "proxy/warm_pool.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>

namespace agent::proxy {
namespace {

constexpr std::chrono::microseconds longest_pause{100'000};
constexpr int talk_bound =
    64 * 1024; // three minutes of a pong each half second; nobody reads it meanwhile

int descriptor(ReachedWorker& worker) {
    return worker.stream->tls().socket().native_handle();
}

/// Neither closed nor broken, as far as the kernel knows.
bool stands(ReachedWorker& worker) {
    pollfd entry{descriptor(worker), POLLRDHUP, 0};
    return ::poll(&entry, 1, 0) == 0;
}

int waiting_bytes(ReachedWorker& worker) {
    int count = 0;
    ::ioctl(descriptor(worker), FIONREAD, &count);
    return count;
}

// Between one moment at which its client's bytes travel or arrive, at either end, and the next: the
// handshakes of a successor that is begun then keep neither end busy when these bytes come.
std::chrono::microseconds between_flights(ReachedWorker& worker) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor(worker), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
    return std::min(std::chrono::microseconds(info.tcpi_rtt / 4), longest_pause);
}

} // namespace

void WarmPool::work_in(async::TaskGroup& tasks, std::weak_ptr<void> owner) {
    tasks_ = &tasks;
    owner_ = std::move(owner);
}

std::optional<ReachedWorker> WarmPool::take() {
    while (!ready_.empty()) {
        ReachedWorker worker = std::move(ready_.back().worker);
        ready_.pop_back();
        if (!stands(worker)) continue;
        if (waiting_bytes(worker) > talk_bound) continue;
        limit_unacknowledged(*worker.stream, access_.limits.warm_unacknowledged);
        last_use_ = Clock::now();
        fill(between_flights(worker));
        return worker;
    }
    if (last_use_) { // clients come faster than connections are opened: hold more of them
        last_miss_ = Clock::now();
        wanted_ = std::min(wanted_ + 1, limits_.burst);
    }
    return std::nullopt;
}

void WarmPool::used() {
    if (limits_.quiet == 0) return;
    last_use_ = Clock::now();
    wanted_ = std::max(wanted_, limits_.quiet);
    fill();
}

void WarmPool::clear() {
    ready_.clear();
    wanted_ = 0;
    last_use_.reset();
}

void WarmPool::fill(std::chrono::microseconds pause) {
    const auto owner = owner_.lock();
    while (owner && !failing_ && ready_.size() + opening_ < wanted_) {
        ++opening_;
        tasks_->spawn(open(owner, pause), "open ahead");
    }
}

// `owner` is held until the end: the pool must outlive its coroutines.
awaitable<void> WarmPool::open([[maybe_unused]] std::shared_ptr<void> owner,
                               std::chrono::microseconds pause) {
    if (pause.count() > 0) co_await async::sleep_for(pause);
    NotReached why;
    auto reached = co_await reach_worker(access_, why);
    --opening_;
    if (!reached) {
        log::debug("no connection ahead of need: {}", reached.error().message);
        if (std::exchange(failing_, true)) co_return;
        co_await async::sleep_for(limits_.after_failure);
        failing_ = false;
        fill();
        co_return;
    }
    if (ready_.size() >= wanted_) co_return; // not wanted any more
    ready_.push_back(Entry{std::move(*reached), false, 0});
    if (looking_after_) co_return;
    looking_after_ = true;
    co_await look_after();
    looking_after_ = false;
}

// Pings are answered, but nobody reads the answers: the few there can be wait in the socket until
// the handshake's, and their growing count says that the worker lives.
awaitable<void> WarmPool::look_after() {
    while (!ready_.empty()) {
        co_await async::sleep_for(limits_.ping);
        const auto now = Clock::now();
        if (now - last_miss_ > limits_.calm) wanted_ = std::min(wanted_, limits_.quiet);
        if (last_use_ && now - *last_use_ > limits_.after_use) wanted_ = 0;
        for (auto at = ready_.begin(); at != ready_.end();) {
            const bool keep = ready_.size() <= wanted_ && worth_keeping(*at, now);
            at = keep ? std::next(at) : ready_.erase(at);
        }
        fill();
    }
}

bool WarmPool::worth_keeping(Entry& entry, Clock::time_point now) const {
    if (!stands(entry.worker) || now - entry.worker.upgraded > limits_.age) return false;
    const int received = waiting_bytes(entry.worker);
    if (received > talk_bound) return false;
    if (entry.pinged && received <= entry.received) return false;
    entry.received = received;
    entry.pinged = true;
    entry.worker.stream->ping();
    return true;
}

} // namespace agent::proxy
