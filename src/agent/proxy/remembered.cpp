#include "agent/proxy/remembered.hpp"

#include "agent/parts.hpp"
#include "agent/session_object.hpp"

#include "base/log.hpp"
#include "base/time.hpp"

#include <algorithm>

namespace agent::core {

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

bool says_the_same(state::ProxyRecord one, const state::ProxyRecord& other) {
    one.port = other.port;
    one.stopped = other.stopped;
    one.created = other.created;
    return one == other;
}

Status remember(state::StateStore& store, const ManagedProxy& proxy, model::ProxySource source) {
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
    return store.put_proxy(record);
}

std::optional<state::ProxyRecord> find_remembered(state::StateStore& store,
                                                  const std::string& name) {
    const auto records = store.proxies();
    if (!records) return std::nullopt;
    const auto found = std::ranges::find(*records, name, &state::ProxyRecord::name);
    if (found == records->end() || found->source == model::ProxySource::transient)
        return std::nullopt;
    return *found;
}

Result<std::shared_ptr<ManagedProxy>> from_record(const Parts& parts,
                                                  const state::ProxyRecord& record) {
    const auto json = parse_json(record.cluster_settings);
    auto settings =
        json ? controller::settings_from_json(*json) : controller::settings_for(record.cluster);
    if (!settings) return settings.error();
    ClusterChoice choice;
    choice.settings = std::move(*settings);
    choice.token_name = record.token_name;
    choice.use_stored_login = record.token_name != "none";
    ConnectOptions options;
    options.name = record.name;
    options.target = record.target_options();
    options.proxy_settings() = record.proxy_settings();
    if (options.listen_port == 0) options.listen_port = record.port;
    options.persistent = record.source != model::ProxySource::transient;
    auto proxy = ManagedProxy::make(parts, choice, options);
    proxy->spec.name = record.name;
    proxy->spec.wait_for_port = true;
    return proxy;
}

awaitable<Status> start_remembered(const Parts& parts, state::ProxyRecord record,
                                   std::shared_ptr<const net::ListeningSockets> listeners) {
    auto made = from_record(parts, record);
    if (!made) co_return made.error();
    auto proxy = std::move(*made);
    if (parts.proxies.taken(record.name))
        co_return fail(Errc::proxy_exists, Hop::local,
                       "there is a proxy " + record.name + " already");
    proxy->spec.listeners = std::move(listeners);
    const Proxies::Reservation reserved(parts.proxies, record.name);
    const auto rows = parts.store.sessions();
    for (const auto& row : rows ? *rows : std::vector<state::SessionRecord>()) {
        const auto expiration = parse_rfc3339(row.expiration);
        const bool alive =
            row.state == model::SessionHold::held && expiration && *expiration > wall_now();
        if (row.proxy == record.name && alive) proxy->held_session = row.id;
    }
    auto secrets = proxy->session_secrets();
    if (!proxy->persistent() &&
        !secrets) { // it ends with its session, and that cannot be taken up again
        (void)parts.store.forget_proxy(record.name);
        co_return Status();
    }
    const std::string session = proxy->held_session;
    const auto on_its_way = parts.ledger.claim(session);
    if (!proxy->persistent()) { // it may have been over for long
        ClusterChoice as = proxy->choice();
        const auto state = co_await parts.session_calls.read(std::move(as), session);
        if (state ? is_over(state->item) : state.error().status == 404) {
            parts.ledger.forget(record.cluster, session);
            (void)parts.store.forget_proxy(record.name);
            co_return Status();
        }
    }
    auto started = co_await proxy->start(secrets);
    if (!started && secrets && proxy->persistent()) { // the session may be what was wrong
        secrets.reset();
        started = co_await proxy->start(std::nullopt);
    }
    if (!started) {
        log::error("proxy={} cannot be started: {}", record.name, started.error().message);
        parts.listeners.let_go(*proxy);
        co_return started.error();
    }
    proxy->begin();
    proxy->tell_started("comes back on " + place_of(*started));
    // Without a login it says so at once, not when the first client comes.
    if (proxy->persistent() && proxy->status.session_id.empty()) proxy->want_session();
    co_return Status();
}

} // namespace agent::core
