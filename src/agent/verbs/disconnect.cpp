// Disconnect: end a proxy and its session. One that is remembered stays so, unless it is to be
// forgotten.

#include "agent/parts.hpp"
#include "agent/proxy/remembered.hpp"
#include "agent/this_boot.hpp"
#include "agent/verbs/verbs.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core::verbs {
namespace {

using namespace std::chrono_literals;
constexpr auto still_long =
    5min; // a bare token's session is canceled at the end only when it would live on for longer

bool lives_on(const ProxyStatus& proxy) {
    const auto expiration = parse_rfc3339(proxy.expiration);
    return expiration && *expiration - wall_now() > still_long;
}

// It does not run: there is nothing to end, but maybe something to forget.
Result<Disconnected> disconnect_remembered(const Parts& parts, const std::string& name,
                                           bool forget) {
    const auto record = find_remembered(parts.store, name);
    if (!record)
        return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name,
                    "agentctl list shows them");
    if (!forget)
        return fail(Errc::proxy_not_found, Hop::local, "proxy " + name + " is disconnected already",
                    "agentctl reconnect " + name + " starts it, agentctl disconnect -forget " +
                        name + " forgets it");
    if (record->source == model::ProxySource::config)
        return fail(Errc::invalid_argument, Hop::local,
                    "proxy " + name + " is declared in config.toml",
                    "remove it there, then: agentctl reload");
    const auto forgotten = parts.store.forget_proxy(name);
    if (!forgotten) return forgotten.error();
    Disconnected done;
    done.proxy.name = name;
    done.proxy.state = ProxyState::ended;
    done.proxy.set_reason(Reason(ReasonCode::forgotten));
    return done;
}

} // namespace

awaitable<Result<Disconnected>> disconnect(const Parts& parts, std::string name, bool forget) {
    const auto proxy = parts.proxies.find(name);
    if (!proxy) co_return disconnect_remembered(parts, name, forget);
    const auto record = find_remembered(parts.store, name);
    if (forget && record && record->source == model::ProxySource::config)
        co_return fail(Errc::invalid_argument, Hop::local,
                       "proxy " + name + " is declared in config.toml",
                       "remove it there, then: agentctl reload");
    // Written first: whatever happens next, it does not come back by itself.
    if (record) {
        const auto written =
            parts.store.set_stopped(name, forget ? std::string(stopped_for_good) : this_boot());
        if (!written) co_return written.error();
    }
    const bool cancel =
        !proxy->session_over() && (proxy->status.authorized_here || lives_on(proxy->status));
    const Reason why(ReasonCode::disconnected);
    const auto end = co_await proxy->stop(why, cancel);
    if (end && end->session_canceled) {
        proxy->on(CourseEvent::session_known_over);
        proxy->session_done();
    }
    if (!proxy->session_over() && proxy->status.authorized_here) co_await proxy->settle_session();
    if (!end) co_return end.error();
    Disconnected done;
    done.session_canceled = end->session_canceled || proxy->session_over();
    done.killed = end->killed;
    done.proxy = proxy->status;
    if (record && forget) {
        const auto forgotten = parts.store.forget_proxy(name);
        if (!forgotten) co_return forgotten.error();
    }
    co_return done;
}

} // namespace agent::core::verbs
