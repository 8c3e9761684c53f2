#include "proxy/keep_alive.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "net/block_pool.hpp"
#include "proxy/worker_link.hpp"

#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace agent::proxy {

using namespace std::chrono_literals;

struct KeepAlive::Link {
    WebSocketStream& stream;
    WebSocketStream::Activity seen{};
    std::optional<std::uint64_t>
        read; ///< so many of our messages the worker has shown to have read
    std::optional<Clock::time_point> unanswered; ///< since this ping
    std::uint64_t before_ping = 0;               ///< messages sent in front of it
    Clock::time_point last_ping;
    std::optional<Clock::time_point> unacknowledged; ///< since then nothing was
    bool hurried = false;                            ///< by check(): silence is not waited for
};

namespace {

constexpr std::uint64_t handshake_messages = 1;

struct Kernel {
    bool outstanding = false; ///< something of ours was not acknowledged
    bool unread =
        false; ///< something of the worker's was not taken: it is our own client that does not read
    std::chrono::milliseconds since_ack{0};
    std::chrono::milliseconds silent{0}; ///< since the worker said something
};

Kernel ask_kernel(int fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    Kernel answer;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return answer;
    answer.outstanding = info.tcpi_unacked > 0 || info.tcpi_probes > 0;
    answer.since_ack = std::chrono::milliseconds(info.tcpi_last_ack_recv);
    answer.silent = std::chrono::milliseconds(info.tcpi_last_data_recv);
    int waiting = 0;
    answer.unread = ::ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0;
    return answer;
}

Error gone(const WebSocketStream& stream, std::chrono::steady_clock::duration silent) {
    const auto seconds =
        double(std::chrono::duration_cast<std::chrono::milliseconds>(silent).count()) / 1e3;
    return fail(
        Errc::worker_unreachable, Hop::worker,
        fmt::format("worker {} stopped answering: silent for {:.3g} s", stream.peer(), seconds),
        "The worker or the network on the way to it is gone; a new connection may find another "
        "way.");
}

} // namespace

KeepAlive::KeepAlive(boost::asio::any_io_executor executor, KeepAliveLimits limits)
    : limits_(limits), tasks_(executor) {}

KeepAlive::~KeepAlive() = default;

KeepAlive::Watch::Watch(KeepAlive& keeper, WebSocketStream& stream)
    : keeper_(keeper), link_(keeper.links_.emplace(keeper.links_.end(),
                                                   Link{stream, {}, {}, {}, 0, {}, {}, false})) {
    link_->seen = stream.activity();
    limit_unacknowledged(stream, 0ms); // worker_link.cpp has set one for the time until here
    if (keeper_.ticking_ || keeper_.limits_.silence <= 0ms) return;
    keeper_.ticking_ = true;
    keeper_.tasks_.spawn_lasting([&keeper = keeper_] { return keeper.tick(); }, "keep alive");
}

KeepAlive::Watch::~Watch() {
    keeper_.links_.erase(link_);
}

// A connection that comes while this sleeps is due after the next look: nobody sleeps longer than
// one silence.
awaitable<void> KeepAlive::tick() {
    constexpr Clock::duration shortest = 10ms;
    for (Clock::duration pause = limits_.silence; !links_.empty();) {
        co_await async::sleep_for(std::max(pause, shortest));
        const auto now = Clock::now();
        auto next = now + limits_.silence;
        for (auto& link : links_) next = std::min(next, look_at(link, now));
        pause = next - now;
        net::release_free_blocks(); // a hot stream has its own on loan, and others again at once
    }
    ticking_ = false;
}

void KeepAlive::check() {
    if (limits_.silence <= 0ms) return;
    const auto now = Clock::now();
    for (auto& link : links_) {
        look_at(link, now); // what came until now says nothing about the way as it is
        link.hurried = true;
        link.unanswered.reset(); // what was asked before may have been lost: asked again
        link.unacknowledged.reset();
        look_at(link, now);
    }
    if (hurrying_) return;
    hurrying_ = true;
    tasks_.spawn(hurry(), "keep alive, hurried");
}

awaitable<void> KeepAlive::hurry() {
    const auto waits = [](const Link& link) { return link.hurried; };
    while (std::ranges::any_of(links_, waits)) {
        co_await async::sleep_for(
            std::min<std::chrono::milliseconds>(limits_.hurried_answer / 10, 1s));
        const auto now = Clock::now();
        for (auto& link : links_)
            if (link.hurried) look_at(link, now);
    }
    hurrying_ = false;
}

// Returns when to look again.
KeepAlive::Clock::time_point KeepAlive::look_at(Link& link, Clock::time_point now) {
    const auto kernel = ask_kernel(link.stream.tls().socket().native_handle());
    const auto before = std::exchange(link.seen, link.stream.activity());
    if (link.seen.received != before.received) {
        if (link.seen.pongs != before.pongs) {
            link.read = link.before_ping;
        } else if (!link.read) {
            link.read = handshake_messages; // it is through with dialling: from now on it reads
        }
        link.unanswered.reset();
        link.unacknowledged.reset();
        link.hurried = false;
    }
    const auto left = until_ping(kernel.silent, limits_.silence);
    if (left > 0ms && !link.hurried) return now + left;

    if (!kernel.outstanding ||
        (link.unacknowledged && kernel.since_ack < now - *link.unacknowledged))
        link.unacknowledged.reset();
    const auto answer =
        link.hurried ? std::min(limits_.hurried_answer, limits_.answer) : limits_.answer;
    const bool owed = link.read == link.seen.messages && !kernel.unread;
    const bool deaf = owed && link.unanswered && now - *link.unanswered >= answer;
    const bool cut_off = link.unacknowledged && now - *link.unacknowledged >= answer;
    // One that owes no answer: the kernel of its machine has acknowledged in its place.
    if (!owed && !kernel.outstanding && link.unanswered && now - *link.unanswered >= answer)
        link.hurried = false;
    if (deaf || cut_off) {
        link.stream.give_up(gone(link.stream, kernel.silent));
        return now + limits_.silence;
    }
    if (!link.unanswered ||
        until_ping(std::chrono::floor<std::chrono::milliseconds>(now - link.last_ping),
                   limits_.silence) <= 0ms) {
        if (!link.unanswered) {
            link.unanswered = now;
            link.before_ping = link.seen.messages;
        }
        link.last_ping = now;
        link.stream.ping();
    }
    if (!link.unacknowledged) link.unacknowledged = now; // the ping, at least
    auto next = std::min(now + limits_.silence, *link.unacknowledged + answer);
    if (owed) next = std::min(next, *link.unanswered + answer);
    return next;
}

} // namespace agent::proxy
