#pragma once
// A small owner of one SQLite connection: prepared statements that bind and read by position, and transactions.
// Every repository of this folder goes through it. Failures of the database are failures of the environment: they
// throw.

#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace devserver {

using agent::WallTime;

/// What SQLite said, with the statement's beginning. `unique`: a UNIQUE rule of the schema refused the row.
class DatabaseError : public std::runtime_error {
  public:
    DatabaseError(const std::string& what, bool unique) : std::runtime_error(what), unique_(unique) {}
    bool unique() const noexcept { return unique_; }

  private:
    bool unique_;
};

class Database;

/// Borrowed from its Database, which keeps prepared ones for the next time.
class Statement {
  public:
    Statement(Database& database, std::string_view sql);
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(std::string_view text);
    Statement& bind(const char* text) { return bind(std::string_view(text)); }
    Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
    Statement& bind(std::int64_t number);
    Statement& bind(int number) { return bind(static_cast<std::int64_t>(number)); }
    Statement& bind(std::uint32_t number) { return bind(static_cast<std::int64_t>(number)); }
    Statement& bind(WallTime time) { return bind(static_cast<std::int64_t>(time.time_since_epoch().count())); }
    Statement& bind(const std::optional<std::string>& text);

    /// true while there is a row to read.
    bool step();
    std::string text(int column) const;
    std::int64_t integer(int column) const;
    WallTime time(int column) const { return WallTime(std::chrono::nanoseconds(integer(column))); }
    bool is_null(int column) const;

  private:
    Database& database_;
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

class Database {
  public:
    /// ":memory:" or a file, which is made with mode 0600: it holds session keys and brokered credentials.
    explicit Database(const std::string& path);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    template <class... Values> Statement query(std::string_view sql, const Values&... values) {
        Statement statement(*this, sql);
        (statement.bind(values), ...);
        return statement;
    }
    /// Runs to the end and returns the number of rows changed.
    template <class... Values> int run(std::string_view sql, const Values&... values) {
        auto statement = query(sql, values...);
        while (statement.step()) {
        }
        return changes();
    }
    /// Several statements without values: the schema.
    void script(const char* sql);

  private:
    friend class Statement;
    friend class Transaction;
    int changes() const;
    sqlite3_stmt* take(std::string_view sql);
    void give_back(sqlite3_stmt* statement) noexcept;

    sqlite3* connection_ = nullptr;
    int depth_ = 0;
    /// Prepared and not in use, by their text: preparing costs more than running most of them.
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;
};

/// Rolls back unless committed. Inner ones join the outermost.
class Transaction {
  public:
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();

  private:
    Database& database_;
    bool done_ = false;
};

} // namespace devserver
