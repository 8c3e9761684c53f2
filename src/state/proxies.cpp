// The proxies that come back, and their ports.

#include "state/guarded.hpp"
#include "state/state_store.hpp"

#include <optional>

namespace agent::state {
namespace {

constexpr std::int64_t usual = -1;

std::int64_t keep_alive_column(const std::optional<std::chrono::milliseconds>& keep_alive) {
    return keep_alive ? keep_alive->count() : usual;
}

std::optional<std::chrono::milliseconds> keep_alive_in(std::int64_t column) {
    if (column == usual) return std::nullopt;
    return std::chrono::milliseconds(column);
}

} // namespace

Status StateStore::put_proxy(const ProxyRecord& proxy) {
    return guarded(path_, [&] {
        std::optional<Unsynced>
            unsynced; // what a transient one needs to come back is gone with the power as well
        if (proxy.source == model::ProxySource::transient) unsynced.emplace(*database_);
        database_->run(
            "INSERT OR REPLACE INTO proxies (name, source, cluster, cluster_settings, token_name, "
            "target, "
            "target_name, scope_id, scope_name, host_id, listen_address, wished_port, port, "
            "shared, eager, "
            "after_cancel, inactive_timeout_ms, inactive_from_start, warm, keep_alive_ms, stopped, "
            "created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            proxy.name, name_of(proxy.source), proxy.cluster, proxy.cluster_settings,
            proxy.token_name, proxy.target, proxy.target_name, proxy.scope_id, proxy.scope_name,
            proxy.host_id, proxy.listen_address, proxy.listen_port, proxy.port, proxy.shared,
            proxy.eager, name_of(proxy.after_cancel), proxy.inactive_timeout.count(),
            proxy.inactive_from_start, proxy.warm, keep_alive_column(proxy.keep_alive),
            proxy.stopped, proxy.created);
    });
}

Result<bool> StateStore::forget_proxy(const std::string& name) {
    return guarded(path_, [&] {
        Transaction both(*database_);
        const bool found = database_->run("DELETE FROM proxies WHERE name = ?", name) > 0;
        database_->run("DELETE FROM counters WHERE proxy = ?", name);
        database_->run("DELETE FROM counted WHERE proxy = ?", name);
        both.commit();
        return found;
    });
}

Result<std::vector<ProxyRecord>> StateStore::proxies() {
    return guarded(path_, [&] {
        std::vector<ProxyRecord> found;
        auto row = database_->query("SELECT name, source, cluster, cluster_settings, token_name, "
                                    "target, target_name, scope_id, scope_name, "
                                    "host_id, listen_address, wished_port, port, shared, eager, "
                                    "after_cancel, inactive_timeout_ms, "
                                    "inactive_from_start, warm, keep_alive_ms, stopped, created "
                                    "FROM proxies ORDER BY name");
        while (row.step()) {
            int column = 0;
            ProxyRecord& one = found.emplace_back();
            std::string source;
            for (std::string* text : {&one.name, &source, &one.cluster, &one.cluster_settings,
                                      &one.token_name, &one.target, &one.target_name, &one.scope_id,
                                      &one.scope_name, &one.host_id, &one.listen_address})
                *text = row.text(column++);
            one.source = model::from_name<model::ProxySource>(source).value_or(one.source);
            one.listen_port = row.integer(column++);
            one.port = row.integer(column++);
            one.shared = row.flag(column++);
            one.eager = row.flag(column++);
            one.after_cancel = model::from_name<model::AfterCancel>(row.text(column++))
                                   .value_or(model::AfterCancel::ask);
            one.inactive_timeout = std::chrono::milliseconds(row.integer(column++));
            one.inactive_from_start = row.flag(column++);
            one.warm = row.flag(column++);
            one.keep_alive = keep_alive_in(row.integer(column++));
            one.stopped = row.text(column++);
            one.created = row.text(column++);
        }
        return found;
    });
}

Status StateStore::set_port(const std::string& name, std::int64_t port) {
    return guarded(
        path_, [&] { database_->run("UPDATE proxies SET port = ? WHERE name = ?", port, name); });
}

Status StateStore::set_stopped(const std::string& name, const std::string& boot) {
    return guarded(path_, [&] {
        database_->run("UPDATE proxies SET stopped = ? WHERE name = ?", boot, name);
    });
}

} // namespace agent::state
