// Connect with reuse: ten ssh at once share one session. The first starts the proxy, the others
// wait for it.

#include "agent/parts.hpp"
#include "agent/proxy/way.hpp"
#include "agent/verbs/verbs.hpp"
#include "boundary/session_authorization.hpp"

namespace agent::core::verbs {
namespace {

/// A proxy that nobody asked for by name goes when it is not used: long enough for the next command
/// of a script.
constexpr std::chrono::seconds unused_limit{60};

} // namespace

awaitable<Result<Connected>> connect_reusing(const Parts& parts, ClusterChoice choice,
                                             ConnectWords words, ConnectObserver& observer) {
    std::string way = way_of(choice, words);
    if (!words.authorization_token.empty()) {
        const auto session =
            boundary::decode_authorization_token(words.authorization_token.reveal());
        if (session) way = session->session_id;
    }
    for (;;) {
        for (const auto& [name, proxy] : parts.proxies.all()) {
            const bool same_session =
                !way.empty() && proxy->status.session_id == way && takes_connections(proxy->status);
            if (!same_session && !leads_there(*proxy, choice, words)) continue;
            Connected connected;
            connected.proxy = proxy->status;
            co_return connected;
        }
        if (way.empty() || !parts.openings.contains(way)) break;
        co_await parts.openings.wait();
    }

    const Openings::One opening(parts.openings, std::move(way));
    words.reuse = false;
    words.inactive_from_start = true;
    if (words.inactive_timeout.count() == 0) words.inactive_timeout = unused_limit;
    co_return co_await connect(parts, std::move(choice), std::move(words), observer);
}

} // namespace agent::core::verbs
