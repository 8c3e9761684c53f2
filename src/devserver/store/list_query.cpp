#include "devserver/store/list_query.hpp"

namespace devserver {
namespace {

// One text for every combination: an unused condition is switched off by its own value. `scope`:
// how the column is named, because "+scope_id" is the same to SQLite but keeps it from choosing an
// index by scope: rows then come in the order of time, read as far as the page goes, instead of all
// of them sorted for each page.
std::string conditions(const ListQuery& query, const std::string& scope) {
    std::string where = " FROM resource WHERE kind = ?1";
    where += query.parent_id.empty() ? " AND " + scope + " IN (SELECT value FROM json_each(?2))"
                                     : " AND parent_id = ?2";
    where += " AND (?3 = '' OR owner_id = ?3) AND (?4 = 1 OR terminated = 0)";
    if (query.changed_since) where += " AND updated > ?5";
    return where;
}

Statement prepare(Database& database, const std::string& sql, const ListQuery& query) {
    auto statement = database.query(sql);
    statement.bind(query.kind);
    statement.bind(query.parent_id.empty() ? agent::dump_json(Json(query.scopes))
                                           : query.parent_id);
    statement.bind(query.owner_id);
    statement.bind(query.include_terminated ? 1 : 0);
    if (query.changed_since) statement.bind(*query.changed_since);
    if (query.after && sql.find("ORDER BY") != std::string::npos)
        statement.bind(query.after->time).bind(query.after->id);
    return statement;
}

} // namespace

std::string rows_text(const ListQuery& query) {
    const std::string column = query.by_updated ? "updated" : "created";
    std::string sql = std::string("SELECT ") + Resources::columns + conditions(query, "+scope_id");
    if (query.after) {
        const std::string time = query.changed_since ? "?6" : "?5";
        const std::string id = query.changed_since ? "?7" : "?6";
        sql += " AND (" + column + ", id) < (" + time + ", " + id + ")";
    }
    return sql + " ORDER BY " + column + " DESC, id DESC";
}

std::string count_text(const ListQuery& query) {
    return "SELECT count(*)" + conditions(query, "scope_id");
}

ListCursor::ListCursor(Database& database, const ListQuery& query)
    : statement_(prepare(database, rows_text(query), query)) {}

std::optional<Resource> ListCursor::next() {
    if (!statement_.step()) return std::nullopt;
    return Resources::read_row(statement_);
}

std::int64_t count_rows(Database& database, const ListQuery& query) {
    auto statement = prepare(database, count_text(query), query);
    return statement.step() ? statement.integer(0) : 0;
}

std::vector<std::string> removed_since(Database& database, const std::string& kind,
                                       WallTime since) {
    std::vector<std::string> ids;
    auto row = database.query(
        "SELECT id FROM tombstone WHERE kind=? AND deleted > ? ORDER BY deleted, id", kind, since);
    while (row.step()) ids.push_back(row.text(0));
    return ids;
}

} // namespace devserver
