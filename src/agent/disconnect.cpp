// Disconnect: end a proxy and its session. One that is remembered stays so, unless it is to be
// forgotten.

#include "agent/agent.hpp"

#include "agent/this_boot.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

#include <filesystem>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
constexpr auto still_long =
    5min; // a bare token's session is canceled at the end only when it would live on for longer

bool lives_on(const ProxyStatus& proxy) {
    const auto expiration = parse_rfc3339(proxy.expiration);
    return expiration && *expiration - wall_now() > still_long;
}

} // namespace

awaitable<Result<Disconnected>> Agent::disconnect(std::string name, bool forget) {
    const auto proxy = proxies_.find(name);
    if (!proxy) co_return disconnect_remembered(name, forget);
    const auto record = find_remembered(name);
    if (forget && record && record->source == model::ProxySource::config)
        co_return fail(Errc::invalid_argument, Hop::local,
                       "proxy " + name + " is declared in config.toml",
                       "remove it there, then: agentctl reload");
    // Written first: whatever happens next, it does not come back by itself.
    if (record) {
        const auto written =
            store_.set_stopped(name, forget ? std::string(stopped_for_good) : this_boot());
        if (!written) co_return written.error();
    }
    const bool cancel =
        !proxy->session_over() && (proxy->status.authorized_here || lives_on(proxy->status));
    const Reason why(ReasonCode::disconnected);
    const auto end = co_await stop_proxy(proxy, why, cancel);
    if (end && end->session_canceled) {
        proxy->on(CourseEvent::session_known_over);
        session_done(*proxy);
    }
    if (!proxy->session_over() && proxy->status.authorized_here) co_await settle_session(proxy);
    if (!end) co_return end.error();
    Disconnected done;
    done.session_canceled = end->session_canceled || proxy->session_over();
    done.killed = end->killed;
    done.proxy = proxy->status;
    if (record && forget) {
        const auto forgotten = store_.forget_proxy(name);
        if (!forgotten) co_return forgotten.error();
    }
    co_return done;
}

// It does not run: there is nothing to end, but maybe something to forget.
Result<Disconnected> Agent::disconnect_remembered(const std::string& name, bool forget) {
    const auto record = find_remembered(name);
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
    const auto forgotten = store_.forget_proxy(name);
    if (!forgotten) return forgotten.error();
    Disconnected done;
    done.proxy.name = name;
    done.proxy.state = ProxyState::ended;
    done.proxy.set_reason(Reason(ReasonCode::forgotten));
    return done;
}

awaitable<Result<ProcessEnd>> Agent::stop_proxy(std::shared_ptr<ManagedProxy> proxy, Reason reason,
                                                bool cancel_session) {
    struct Ender { // until it is known how that went follow() does not take a process that goes for
                   // a crash
        explicit Ender(ManagedProxy& proxy) : proxy_(proxy) { ++proxy_.enders; }
        Ender(const Ender&) = delete;
        ~Ender() {
            --proxy_.enders;
            proxy_.changed.notify_all();
        }
        ManagedProxy& proxy_;
    } const ender(*proxy);
    proxy->end_reason = reason;
    proxy->on(CourseEvent::told_to_end);
    const std::string pid = std::to_string(proxy->status.pid);
    const auto handle = proxy->handle;
    auto end = co_await end_process(handle, reason, cancel_session);
    if (!end) {
        listeners_.let_go(*proxy); // it may run on, but nobody is to connect to it
        log::error("proxy={} pid={} did not end: {}", proxy->spec.name, pid, end.error().message);
        co_return fail(Errc::proxy_failed, Hop::local,
                       "proxy " + proxy->spec.name + " did not end: " + end.error().message,
                       "kill -9 " + pid);
    }
    if (proxy->ended()) co_return end;
    if (end->last_words) show(*proxy, *end->last_words);
    if (end->killed) {
        reason.text += "; agent-proxy did not answer and was killed";
        std::error_code ignored; // a dead one removes no files; who comes next would do it, too
        if (!proxy->status.socket_path.empty())
            std::filesystem::remove(proxy->status.socket_path, ignored);
    }
    mark_ended(*proxy, reason);
    co_return end;
}

awaitable<void> Agent::end_proxy(std::shared_ptr<ManagedProxy> proxy, Reason reason) {
    if (!proxy->ended()) (void)co_await stop_proxy(std::move(proxy), std::move(reason), false);
}

} // namespace agent::core
