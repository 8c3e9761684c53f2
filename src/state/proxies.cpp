// The proxies that come back, and their ports.

#include "state/guarded.hpp"
#include "state/state_store.hpp"

#include <optional>

namespace agent::state {

Status StateStore::put_proxy(const ProxyRecord& proxy) {
    return guarded(path_, [&] {
        std::optional<Unsynced>
            unsynced; // what a transient one needs to come back is gone with the power as well
        if (proxy.source == "transient") unsynced.emplace(*database_);
        database_->run(
            "INSERT OR REPLACE INTO proxies (name, source, cluster, cluster_settings, token_name, "
            "target, "
            "target_name, scope_id, scope_name, host_id, listen_address, wished_port, port, "
            "shared, eager, "
            "after_cancel, inactive_timeout_ms, inactive_from_start, warm, keep_alive_ms, stopped, "
            "created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            proxy.name, proxy.source, proxy.cluster, proxy.cluster_settings, proxy.token_name,
            proxy.target, proxy.target_name, proxy.scope_id, proxy.scope_name, proxy.host_id,
            proxy.listen_address, proxy.wished_port, proxy.port, proxy.shared, proxy.eager,
            proxy.after_cancel, proxy.inactive_timeout_ms, proxy.inactive_from_start, proxy.warm,
            proxy.keep_alive_ms, proxy.stopped, proxy.created);
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
            for (std::string* text : {&one.name, &one.source, &one.cluster, &one.cluster_settings,
                                      &one.token_name, &one.target, &one.target_name, &one.scope_id,
                                      &one.scope_name, &one.host_id, &one.listen_address})
                *text = row.text(column++);
            one.wished_port = row.integer(column++);
            one.port = row.integer(column++);
            one.shared = row.flag(column++);
            one.eager = row.flag(column++);
            one.after_cancel = row.text(column++);
            one.inactive_timeout_ms = row.integer(column++);
            one.inactive_from_start = row.flag(column++);
            one.warm = row.flag(column++);
            one.keep_alive_ms = row.integer(column++);
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
