// Connect with reuse: ten ssh at once share one session. The first starts the proxy, the others
// wait for it.

#include "agent/parts.hpp"
#include "agent/proxy/route.hpp"
#include "agent/verbs/verbs.hpp"
#include "boundary/session_authorization.hpp"

namespace agent::core::verbs {
namespace {

/// A proxy that nobody asked for by name goes when it is not used: long enough for the next command
/// of a script.
constexpr std::chrono::seconds unused_limit{60};

} // namespace

awaitable<Result<Connected>> connect_reusing(const Parts& parts, ClusterChoice choice,
                                             ConnectOptions options, ConnectObserver& observer) {
    std::string route = route_of(choice, options);
    if (!options.authorization_token.empty()) {
        const auto session =
            boundary::decode_authorization_token(options.authorization_token.reveal());
        if (session) route = session->session_id;
    }
    for (;;) {
        for (const auto& [name, proxy] : parts.proxies.all()) {
            const bool same_session = !route.empty() && proxy->status.session_id == route &&
                                      takes_connections(proxy->status);
            if (!same_session && !leads_there(*proxy, choice, options)) continue;
            Connected connected;
            connected.proxy = proxy->status;
            co_return connected;
        }
        if (route.empty() || !parts.openings.contains(route)) break;
        co_await parts.openings.wait();
    }

    const Openings::One opening(parts.openings, std::move(route));
    options.reuse = false;
    options.inactive_from_start = true;
    if (options.inactive_timeout.count() == 0) options.inactive_timeout = unused_limit;
    co_return co_await connect(parts, std::move(choice), std::move(options), observer);
}

} // namespace agent::core::verbs
