#include "devserver/store/resources.hpp"

#include <utility>

namespace devserver {

WallTime to_microseconds(WallTime time) {
    return std::chrono::floor<std::chrono::microseconds>(time);
}

Resource Resources::read_row(const Statement& row) {
    const auto optional_text = [&](int column) {
        return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
    };
    Resource resource;
    resource.id = row.text(0);
    resource.kind = row.text(1);
    resource.type = row.text(2);
    resource.scope_id = row.text(3);
    resource.parent_id = row.text(4);
    resource.owner_id = row.text(5);
    resource.name = optional_text(6);
    resource.description = optional_text(7);
    resource.unique_key = optional_text(8);
    resource.created = row.time(9);
    resource.updated = row.time(10);
    resource.version = static_cast<std::uint32_t>(row.integer(11));
    resource.terminated = row.integer(12) != 0;
    resource.extra = agent::parse_json(row.text(13)).value();
    return resource;
}

Resource Resources::create(Resource resource) {
    resource.created = resource.updated = to_microseconds(now_());
    resource.version = 1;
    database_.run("INSERT INTO resource (id, kind, type, scope_id, parent_id, owner_id, name, "
                  "description, unique_key, "
                  "created, updated, extra) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                  resource.id, resource.kind, resource.type, resource.scope_id, resource.parent_id,
                  resource.owner_id, resource.name, resource.description, resource.unique_key,
                  resource.created, resource.updated, agent::dump_json(resource.extra));
    return resource;
}

std::optional<Resource> Resources::find(const std::string& id) {
    auto row =
        database_.query(std::string("SELECT ") + columns + " FROM resource WHERE id = ?", id);
    if (!row.step()) return std::nullopt;
    return read_row(row);
}

std::optional<Resource> Resources::find_named(const std::string& kind, const std::string& scope_id,
                                              const std::string& name) {
    auto row = database_.query(std::string("SELECT ") + columns +
                                   " FROM resource WHERE kind = ? AND scope_id = ? AND name = ?",
                               kind, scope_id, name);
    if (!row.step()) return std::nullopt;
    return read_row(row);
}

std::optional<Resource> Resources::find_by_key(const std::string& kind, const std::string& key) {
    auto row = database_.query(std::string("SELECT ") + columns +
                                   " FROM resource WHERE kind = ? AND unique_key = ?",
                               kind, key);
    if (!row.step()) return std::nullopt;
    return read_row(row);
}

std::vector<Resource> Resources::select(const std::string& where, const std::string& value) {
    std::vector<Resource> found;
    auto row = database_.query(std::string("SELECT ") + columns + " FROM resource WHERE " + where +
                                   " = ? ORDER BY created DESC, id DESC",
                               value);
    while (row.step()) found.push_back(read_row(row));
    return found;
}

std::vector<Resource> Resources::children(const std::string& parent) {
    return select("parent_id", parent);
}

std::vector<Resource> Resources::in_scope(const std::string& scope_id) {
    return select("scope_id", scope_id);
}

std::vector<std::string> Resources::scopes_in(const std::string& scope_id) {
    std::vector<std::string> found;
    auto row = database_.query(
        "SELECT id FROM resource WHERE kind='scope' AND scope_id=? ORDER BY created DESC, id DESC",
        scope_id);
    while (row.step()) found.push_back(row.text(0));
    return found;
}

std::vector<Resource> Resources::all(const std::string& kind) {
    return select("kind", kind);
}

Resource Resources::update(Resource resource) {
    resource.updated = to_microseconds(now_());
    ++resource.version;
    database_.run("UPDATE resource SET name=?, description=?, unique_key=?, owner_id=?, extra=?, "
                  "updated=?, version=? "
                  "WHERE id=?",
                  resource.name, resource.description, resource.unique_key, resource.owner_id,
                  agent::dump_json(resource.extra), resource.updated, resource.version,
                  resource.id);
    return resource;
}

void Resources::touch(const std::string& id) {
    database_.run("UPDATE resource SET updated=?, version=version+1 WHERE id=?",
                  to_microseconds(now_()), id);
}

void Resources::erase(const Resource& resource) {
    database_.run("DELETE FROM resource WHERE id=?", resource.id);
    database_.run("DELETE FROM link WHERE from_id=? OR to_id=?", resource.id, resource.id);
    database_.run("INSERT OR REPLACE INTO tombstone (id, kind, deleted) VALUES (?,?,?)",
                  resource.id, resource.kind, to_microseconds(now_()));
}

void Resources::link(const std::string& from, const std::string& kind, const std::string& to) {
    database_.run("INSERT OR IGNORE INTO link (from_id, kind, to_id) VALUES (?,?,?)", from, kind,
                  to);
}

void Resources::unlink(const std::string& from, const std::string& kind, const std::string& to) {
    database_.run("DELETE FROM link WHERE from_id=? AND kind=? AND to_id=?", from, kind, to);
}

std::vector<std::string> Resources::linked(const std::string& from, const std::string& kind) {
    std::vector<std::string> found;
    auto row = database_.query("SELECT to_id FROM link WHERE from_id=? AND kind=? ORDER BY to_id",
                               from, kind);
    while (row.step()) found.push_back(row.text(0));
    return found;
}

std::vector<std::string> Resources::linked_from(const std::string& to, const std::string& kind) {
    std::vector<std::string> found;
    auto row = database_.query("SELECT from_id FROM link WHERE to_id=? AND kind=? ORDER BY from_id",
                               to, kind);
    while (row.step()) found.push_back(row.text(0));
    return found;
}

} // namespace devserver
