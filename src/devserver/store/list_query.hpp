#pragma once
// ListQuery: one phase of a list call as SQL. api/listing.cpp turns requests and list tokens into
// these.

#include "devserver/store/resources.hpp"

#include <optional>
#include <string>
#include <vector>

namespace devserver {

struct ListQuery {
    std::string kind;
    std::vector<std::string> scopes; ///< any of these; ignored when there is a parent
    std::string parent_id;
    std::string owner_id; ///< only this user's
    bool include_terminated = true;
    bool by_updated = false;               ///< refresh phases
    std::optional<WallTime> changed_since; ///< refresh phases
    struct Position {
        WallTime time;
        std::string id;
    };
    std::optional<Position> after; ///< where the last page ended
};

/// Rows, newest first, read one at a time: a filter may want more than a page.
class ListCursor {
  public:
    ListCursor(Database& database, const ListQuery& query);
    std::optional<Resource> next();

  private:
    Statement statement_;
};

/// The SQL of both, for the test that asks SQLite how it would run them.
std::string rows_text(const ListQuery& query);
std::string count_text(const ListQuery& query);

std::int64_t count_rows(Database& database, const ListQuery& query);
std::vector<std::string> removed_since(Database& database, const std::string& kind, WallTime since);

} // namespace devserver
