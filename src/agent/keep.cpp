// What is remembered of proxies, in both directions: written when one is kept, read when agentd
// starts and when config.toml is loaded.

#include "agent/agent.hpp"

#include "agent/session_object.hpp"
#include "agent/this_boot.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

#include <algorithm>

namespace agent::core {
namespace {

state::ProxyRecord record_of(const ProxyDeclaration& declaration) {
    state::ProxyRecord record;
    record.name = declaration.name;
    record.source = model::ProxySource::config;
    record.cluster = declaration.settings.address;
    record.cluster_settings = dump_json(controller::settings_to_json(declaration.settings));
    record.token_name = declaration.token_name;
    record.target_options() = declaration.target;
    record.proxy_settings() = declaration.proxy_settings();
    return record;
}

/// The same words; the port that it got, when it was made and whether it is stopped are no words.
bool says_the_same(state::ProxyRecord one, const state::ProxyRecord& other) {
    one.port = other.port;
    one.stopped = other.stopped;
    one.created = other.created;
    return one == other;
}

} // namespace

Status Agent::remember(const ManagedProxy& proxy, model::ProxySource source) {
    state::ProxyRecord record;
    record.name = proxy.spec.name;
    record.source = source;
    record.cluster = proxy.settings->address;
    record.cluster_settings = dump_json(proxy.spec.cluster_settings);
    record.token_name = proxy.token_name;
    record.target_options() = proxy.target;
    record.proxy_settings() = proxy.spec.proxy_settings();
    record.port = proxy.status.port;
    record.created = format_rfc3339(wall_now());
    return store_.put_proxy(record);
}

Result<std::shared_ptr<ManagedProxy>> Agent::from_record(const state::ProxyRecord& record) {
    const auto json = parse_json(record.cluster_settings);
    auto settings =
        json ? controller::settings_from_json(*json) : controller::settings_for(record.cluster);
    if (!settings) return settings.error();
    ClusterChoice choice;
    choice.settings = std::move(*settings);
    choice.token_name = record.token_name;
    choice.use_stored_login = record.token_name != "none";
    ConnectWords words;
    words.name = record.name;
    words.target = record.target_options();
    words.proxy_settings() = record.proxy_settings();
    if (words.listen_port == 0) words.listen_port = record.port;
    words.persistent = record.source != model::ProxySource::transient;
    auto proxy = make_proxy(executor_, choice, words);
    proxy->spec.name = record.name;
    proxy->spec.wait_for_port = true;
    return proxy;
}

std::optional<state::ProxyRecord> Agent::find_remembered(const std::string& name) {
    const auto records = store_.proxies();
    if (!records) return std::nullopt;
    const auto found = std::ranges::find(*records, name, &state::ProxyRecord::name);
    if (found == records->end() || found->source == model::ProxySource::transient)
        return std::nullopt;
    return *found;
}

// After a crash of everything, at login, after a reboot: with the session it had, if that can still
// be used.
awaitable<Status> Agent::start_remembered(state::ProxyRecord record,
                                          std::shared_ptr<const net::ListeningSockets> listeners) {
    auto made = from_record(record);
    if (!made) co_return made.error();
    auto proxy = std::move(*made);
    if (proxies_.taken(record.name))
        co_return fail(Errc::proxy_exists, Hop::local,
                       "there is a proxy " + record.name + " already");
    proxy->spec.listeners = std::move(listeners);
    const Proxies::Reservation reserved(proxies_, record.name);
    const auto rows = store_.sessions();
    for (const auto& row : rows ? *rows : std::vector<state::SessionRecord>()) {
        const auto expiration = parse_rfc3339(row.expiration);
        const bool alive =
            row.state == model::SessionHold::held && expiration && *expiration > wall_now();
        if (row.proxy == record.name && alive) proxy->held_session = row.id;
    }
    auto secrets = secrets_of(*proxy);
    if (!proxy->persistent() &&
        !secrets) { // it ends with its session, and that cannot be taken up again
        (void)store_.forget_proxy(record.name);
        co_return Status();
    }
    const std::string session = proxy->held_session;
    const auto on_its_way = ledger_.claim(session);
    if (!proxy->persistent()) { // it may have been over for long
        ClusterChoice choice = choice_of(*proxy);
        const auto state = co_await read(std::move(choice), "sessions", session);
        if (state ? is_over(state->item) : state.error().status == 404) {
            ledger_.forget(record.cluster, session);
            (void)store_.forget_proxy(record.name);
            co_return Status();
        }
    }
    auto started = co_await start_process(proxy, secrets);
    if (!started && secrets && proxy->persistent()) { // the session may be what was wrong
        secrets.reset();
        started = co_await start_process(proxy, std::nullopt);
    }
    if (!started) {
        log::error("proxy={} cannot be started: {}", record.name, started.error().message);
        listeners_.let_go(*proxy);
        co_return started.error();
    }
    follow_new(proxy);
    tell_started("comes back on " + place_of(*started), *started);
    // Without a login it says so at once, not when the first client comes.
    if (proxy->persistent() && proxy->status.session_id.empty()) want_session(proxy);
    co_return Status();
}

awaitable<Result<AppliedDeclarations>> Agent::apply(std::vector<ProxyDeclaration> declarations) {
    const auto before = store_.proxies();
    if (!before) co_return before.error();
    AppliedDeclarations done;
    std::vector<state::ProxyRecord> to_start;
    std::vector<std::string> to_end;
    for (const auto& declaration : declarations) {
        auto record = record_of(declaration);
        const auto old = std::ranges::find(*before, record.name, &state::ProxyRecord::name);
        if (old == before->end()) {
            done.added.push_back(record.name);
            record.created = format_rfc3339(wall_now());
        } else {
            if (says_the_same(record, *old)) continue;
            done.changed.push_back(record.name);
            const bool same_place = record.listen_address == old->listen_address;
            if (record.listen_port == 0 && same_place) record.port = old->port;
            record.stopped = old->stopped;
            record.created = old->created;
            to_end.push_back(record.name);
        }
        const auto written = store_.put_proxy(record);
        if (!written) co_return written.error();
        to_start.push_back(std::move(record));
    }
    for (const auto& old : *before) {
        const bool declared = std::ranges::find(declarations, old.name, &ProxyDeclaration::name) !=
                              declarations.end();
        if (old.source != model::ProxySource::config || declared) continue;
        done.removed.push_back(old.name);
        to_end.push_back(old.name);
        const auto forgotten = store_.forget_proxy(old.name);
        if (!forgotten) co_return forgotten.error();
    }
    std::optional<Error> runs_on;
    for (const auto& name : to_end) {
        const auto proxy = proxies_.find(name);
        if (!proxy) continue;
        const Reason why(ReasonCode::configuration_changed);
        const auto end = co_await stop_proxy(proxy, why, proxy->status.authorized_here);
        if (end && end->session_canceled) session_done(*proxy);
        if (!end) runs_on = end.error();
        // Else follow() cancels it at the controller: it may lead elsewhere, so it is not for the
        // next one of this name.
        if (!proxy->held_session.empty()) ledger_.give_up(proxy->held_session);
    }
    for (auto& record : to_start) {
        if (is_stopped(record)) continue;
        const std::string name = record.name;
        const auto started = co_await start_remembered(std::move(record), nullptr);
        if (!started)
            events_.publish(EventKind::proxy_ended,
                            name + " cannot be started: " + started.error().message);
    }
    if (runs_on) co_return *runs_on;
    for (auto* names : {&done.added, &done.changed, &done.removed}) std::ranges::sort(*names);
    co_return done;
}

} // namespace agent::core
