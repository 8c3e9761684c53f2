#include "net/refusals.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <utility>

namespace agent::net {
namespace {

std::string whose(const Peer& peer) {
    if (peer.kind == PeerKind::unheld) return "that no process held";
    if (peer.kind == PeerKind::unknown) return "of unknown users";
    return "of uid " + std::to_string(peer.uid);
}

} // namespace

bool Refusals::note(const Peer& peer, std::uint16_t port) {
    const auto now = std::chrono::steady_clock::now();
    if (untold_ == 0 && now >= next_) {
        const auto client = port == 0 ? std::string("one of the Unix socket")
                                      : "client port " + std::to_string(port);
        log::warning("refused client: {} {}; {}", client, describe(peer), what_);
        next_ = now + pause_;
        return false;
    }
    ++untold_;
    const auto same = [&](const Count& count) {
        return count.clients == 0 || (count.peer.kind == peer.kind && count.peer.uid == peer.uid);
    };
    if (const auto count = std::ranges::find_if(counts_, same); count != counts_.end()) {
        count->peer = peer;
        ++count->clients;
    }
    return !std::exchange(later_, true);
}

awaitable<void> Refusals::tell_later() {
    const auto wait = std::max(next_ - std::chrono::steady_clock::now(),
                               std::chrono::steady_clock::duration::zero());
    co_await async::sleep_for(wait);
    later_ = false;
    tell();
    next_ = std::chrono::steady_clock::now() + pause_;
}

void Refusals::tell() {
    if (untold_ == 0) return;
    std::string owners;
    for (const auto& count : counts_)
        if (count.clients > 0)
            owners += fmt::format("{}{} {}", owners.empty() ? "" : ", ", count.clients,
                                  whose(count.peer));
    log::warning("refused {} more clients: {}; {}", untold_, owners, what_);
    untold_ = 0;
    counts_ = {};
}

} // namespace agent::net
