// The start of an agentd: the proxies of an earlier one go on under this one, the remembered ones
// that do not run are started, and sessions that nobody holds are canceled.

#include "agent/agent.hpp"

#include "agent/this_boot.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <utility>

namespace agent::core {
namespace {

constexpr std::chrono::milliseconds first_pause{1'000},
    longest_revival_pause{60'000}; // between attempts to bring one back

} // namespace

awaitable<void> Agent::adopt() {
    auto adopted = co_await launcher_.adopt();
    const auto found = store_.proxies();
    if (!found) log::warning("{}", found.error().message);
    std::vector<state::ProxyRecord> records;
    if (found) records = *found;
    const auto found_rows = store_.sessions();
    std::vector<state::SessionRecord> rows;
    if (found_rows) rows = *found_rows;
    for (auto& one : adopted) {
        const state::ProxyRecord* record = nullptr;
        for (const auto& row : records)
            if (row.name == one.status.name) record = &row;
        std::shared_ptr<ManagedProxy> proxy;
        if (record != nullptr) {
            auto made = from_record(*record);
            if (made) proxy = std::move(*made);
        }
        if (!proxy) proxy = std::make_shared<ManagedProxy>(executor_);
        proxy->handle = std::move(one.handle);
        proxy->on(CourseEvent::process_serves);
        proxy->protocol_version = one.protocol_version;
        proxy->token_name = one.token_name;
        auto settings = controller::settings_from_json(one.cluster_settings);
        if (settings) proxy->settings = std::move(*settings);
        // What it says of itself counts; the record only adds what it does not know.
        ProxySpec& spec = proxy->spec;
        spec.name = one.status.name;
        model::ProxySettings told = one.proxy_settings();
        told.after_cancel = spec.after_cancel; // agentd's own affair: no agent-proxy is told it
        if (!one.says_warm) {
            told.warm = spec.warm;
            told.keep_alive = spec.keep_alive;
        }
        spec.proxy_settings() = std::move(told);
        spec.listen_port = one.status.port;
        spec.wait_for_port = true;
        spec.authorized_here = one.status.authorized_here;
        spec.cluster = one.status.cluster;
        spec.cluster_settings = std::move(one.cluster_settings);
        spec.token_name = proxy->token_name;
        spec.target = one.status.target;
        spec.persistent = one.status.persistent;
        if (spec.persistent && proxy->target.target.empty() && proxy->target.target_name.empty())
            proxy->target.target =
                one.status.target_id.empty() ? one.status.target : one.status.target_id;
        proxy->held_session = one.status.session_id;
        for (const auto& row : rows)
            if (proxy->held_session.empty() && row.proxy == spec.name &&
                row.state == model::SessionHold::held)
                proxy->held_session = row.id;
        show(*proxy, one.status);
        const auto counted = store_.counted(spec.name, process_of(one.status));
        if (counted) proxy->counted = *counted;
        const bool person_decides = spec.persistent && proxy->held_session.empty() &&
                                    one.status.state == ProxyState::blocked &&
                                    one.status.reason_code == ReasonCode::session_canceled;
        if (person_decides) proxy->on(CourseEvent::person_needed);
        log::info("adopted proxy={} session={} pid={} version={}", spec.name, one.status.session_id,
                  one.status.pid, one.version);
        co_await listeners_.hold(proxy);
        auto kept = listeners_.take(spec.name); // the process has them, and now we do
        if (!spec.listeners)
            spec.listeners =
                std::move(kept); // unless it died a moment ago: the next one goes on with them
        follow_new(proxy);
        if (record != nullptr && (is_to_be_forgotten(*record) || is_stopped(*record))) {
            tasks_.spawn(end_stopped(*record), "end stopped");
            continue;
        }
        if (spec.persistent && one.status.session_id.empty()) want_session(proxy);
        if (spec.persistent && one.version != AGENT_VERSION)
            tasks_.spawn(replace_when_idle(proxy), "replace when idle");
    }
    for (const auto& record : records) {
        if (proxies_.find(record.name)) continue;
        if (is_to_be_forgotten(record)) {
            (void)store_.forget_proxy(record.name);
            continue;
        }
        if (is_stopped(record)) continue;
        auto listeners = listeners_.take(record.name);
        tasks_.spawn(bring_back(record, std::move(listeners)), "bring back");
    }
    listeners_.drop_rest();
    tasks_.spawn(ledger_.run(), "recover sessions");
    watch_sessions(watch_times_);
    tasks_.spawn_lasting([this] { return expiry_.run(); }, "expiry");
    tasks_.spawn_lasting([this] { return pings_.run(); }, "ping proxies");
}

awaitable<void> Agent::bring_back(state::ProxyRecord record,
                                  std::shared_ptr<const net::ListeningSockets> listeners) {
    std::chrono::milliseconds pause = first_pause;
    for (bool told = false;; told = true) {
        const auto started = co_await start_remembered(record, std::exchange(listeners, nullptr));
        if (started || started.error().code == Errc::proxy_exists) co_return;
        if (!told)
            events_.publish(EventKind::proxy_ended,
                            record.name + " cannot be started: " + started.error().message);
        const auto now = find_remembered(record.name);
        if (!now || is_stopped(*now)) co_return;
        record = *now;
        co_await async::sleep_for(pause);
        pause = std::min(pause * 2, longest_revival_pause);
    }
}

// An agentd before this one was killed after it had written that somebody disconnected this proxy,
// and before the end.
awaitable<void> Agent::end_stopped(state::ProxyRecord record) {
    const auto ended = co_await disconnect(record.name, is_to_be_forgotten(record));
    if (!ended) log::warning("proxy={} did not end: {}", record.name, ended.error().message);
}

} // namespace agent::core
