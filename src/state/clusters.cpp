// The clusters that people named, and which of them is meant when they name none.

#include "state/guarded.hpp"
#include "state/state_store.hpp"

namespace agent::state {

Status StateStore::put_cluster(const ClusterRecord& cluster) {
    return guarded(path_, [&] {
        Transaction both(*database_);
        if (cluster.current) database_->run("UPDATE clusters SET current = 0");
        database_->run("INSERT OR REPLACE INTO clusters (name, settings, current) VALUES (?, ?, ?)",
                       cluster.name, cluster.settings, cluster.current);
        both.commit();
    });
}

Status StateStore::set_current_cluster(const std::string& name) {
    return guarded(path_,
                   [&] { database_->run("UPDATE clusters SET current = (name = ?)", name); });
}

Result<bool> StateStore::forget_cluster(const std::string& name) {
    return guarded(path_,
                   [&] { return database_->run("DELETE FROM clusters WHERE name = ?", name) > 0; });
}

Result<std::vector<ClusterRecord>> StateStore::clusters() {
    return guarded(path_, [&] {
        std::vector<ClusterRecord> found;
        auto row = database_->query("SELECT name, settings, current FROM clusters ORDER BY name");
        while (row.step()) {
            ClusterRecord& one = found.emplace_back();
            one.name = row.text(0);
            one.settings = row.text(1);
            one.current = row.flag(2);
        }
        return found;
    });
}

} // namespace agent::state
