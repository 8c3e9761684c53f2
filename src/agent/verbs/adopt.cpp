// The start of an agentd: the proxies of an earlier one go on under this one, the remembered ones
// that do not run are started, and sessions that nobody holds are canceled.

#include "agent/parts.hpp"
#include "agent/proxy/remembered.hpp"
#include "agent/this_boot.hpp"
#include "agent/verbs/verbs.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <utility>

namespace agent::core::verbs {
namespace {

constexpr std::chrono::milliseconds first_to_bring_back{1'000}, longest_to_bring_back{60'000};

/// One that an agentd before this one has left running. `record`: nullptr: it is not remembered.
std::shared_ptr<ManagedProxy> take_over(const Parts& parts, AdoptedProxy one,
                                        const state::ProxyRecord* record,
                                        const std::vector<state::SessionRecord>& rows) {
    std::shared_ptr<ManagedProxy> proxy;
    if (record != nullptr) {
        auto made = from_record(parts, *record);
        if (made) proxy = std::move(*made);
    }
    if (!proxy) proxy = std::make_shared<ManagedProxy>(parts);
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
    proxy->show(one.status);
    const auto counted = parts.store.counted(spec.name, process_of(one.status));
    if (counted) proxy->counted = *counted;
    const bool person_decides = spec.persistent && proxy->held_session.empty() &&
                                one.status.state == ProxyState::blocked &&
                                one.status.reason_code == ReasonCode::session_canceled;
    if (person_decides) proxy->on(CourseEvent::person_needed);
    return proxy;
}

/// What stands in the way of a process at a login may be gone in a minute.
awaitable<void> bring_back(const Parts& parts, state::ProxyRecord record,
                           std::shared_ptr<const net::ListeningSockets> listeners) {
    std::chrono::milliseconds pause = first_to_bring_back;
    for (bool told = false;; told = true) {
        const auto started =
            co_await start_remembered(parts, record, std::exchange(listeners, nullptr));
        if (started || started.error().code == Errc::proxy_exists) co_return;
        if (!told)
            parts.events.publish(EventKind::proxy_ended,
                                 record.name + " cannot be started: " + started.error().message);
        const auto now = find_remembered(parts.store, record.name);
        if (!now || is_stopped(*now)) co_return;
        record = *now;
        co_await async::sleep_for(pause);
        pause = std::min(pause * 2, longest_to_bring_back);
    }
}

// An agentd before this one was killed after it had written that somebody disconnected this proxy,
// and before the end.
awaitable<void> end_stopped(const Parts& parts, state::ProxyRecord record) {
    const auto ended = co_await disconnect(parts, record.name, is_to_be_forgotten(record));
    if (!ended) log::warning("proxy={} did not end: {}", record.name, ended.error().message);
}

} // namespace

awaitable<void> adopt(const Parts& parts) {
    auto adopted = co_await parts.launcher.adopt();
    const auto found = parts.store.proxies();
    if (!found) log::warning("{}", found.error().message);
    std::vector<state::ProxyRecord> records;
    if (found) records = *found;
    const auto found_rows = parts.store.sessions();
    std::vector<state::SessionRecord> rows;
    if (found_rows) rows = *found_rows;
    for (auto& one : adopted) {
        const state::ProxyRecord* record = nullptr;
        for (const auto& row : records)
            if (row.name == one.status.name) record = &row;
        const ProxyStatus status = one.status;
        const std::string version = one.version;
        const auto proxy = take_over(parts, std::move(one), record, rows);
        ProxySpec& spec = proxy->spec;
        log::info("adopted proxy={} session={} pid={} version={}", spec.name, status.session_id,
                  status.pid, version);
        co_await parts.listeners.hold(proxy);
        auto kept = parts.listeners.take(spec.name); // the process has them, and now we do
        if (!spec.listeners)
            spec.listeners =
                std::move(kept); // unless it died a moment ago: the next one goes on with them
        proxy->begin();
        if (record != nullptr && (is_to_be_forgotten(*record) || is_stopped(*record))) {
            parts.tasks.spawn(end_stopped(parts, *record), "end stopped");
            continue;
        }
        if (spec.persistent && status.session_id.empty()) proxy->want_session();
        if (spec.persistent && version != AGENT_VERSION) proxy->make_way_when_idle();
    }
    for (const auto& record : records) {
        if (parts.proxies.find(record.name)) continue;
        if (is_to_be_forgotten(record)) {
            (void)parts.store.forget_proxy(record.name);
            continue;
        }
        if (is_stopped(record)) continue;
        auto listeners = parts.listeners.take(record.name);
        parts.tasks.spawn(bring_back(parts, record, std::move(listeners)), "bring back");
    }
    parts.listeners.drop_rest();
    parts.tasks.spawn(parts.ledger.run(), "recover sessions");
    parts.held.start();
    parts.tasks.spawn_lasting([&parts] { return parts.expiry.run(); }, "expiry");
    parts.tasks.spawn_lasting([&parts] { return parts.pings.run(); }, "ping proxies");
}

} // namespace agent::core::verbs
