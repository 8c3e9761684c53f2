#pragma once
// One SQLite connection with an owner: statements that bind and read by position, and transactions.
// src/state and src/devserver/store go through it. What SQLite refuses is thrown as DatabaseError.

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

namespace agent::sqlite {

/// In SQLite's words. `unique`: a UNIQUE or PRIMARY KEY rule of the schema refused the row.
class DatabaseError : public std::runtime_error {
  public:
    explicit DatabaseError(const std::string& what, bool unique = false)
        : std::runtime_error(what), unique_(unique) {}
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
    Statement& bind(const std::optional<std::string>& text);
    Statement& bind(std::int64_t number);
    Statement& bind(int number) { return bind(static_cast<std::int64_t>(number)); }
    Statement& bind(std::uint32_t number) { return bind(static_cast<std::int64_t>(number)); }
    Statement& bind(bool flag) { return bind(static_cast<std::int64_t>(flag)); }
    Statement& bind(WallTime time) {
        return bind(static_cast<std::int64_t>(time.time_since_epoch().count()));
    }

    /// true while there is a row to read.
    bool step();
    std::string text(int column) const;
    std::int64_t integer(int column) const;
    bool flag(int column) const { return integer(column) != 0; }
    WallTime time(int column) const { return WallTime(std::chrono::nanoseconds(integer(column))); }
    bool is_null(int column) const;

  private:
    void check(int bound) const;

    Database& database_;
    std::vector<sqlite3_stmt*>* home_; ///< where it goes back to
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

class Database {
  public:
    /// ":memory:" or a file, which is made with mode 0600. `pragmas` say how it is used and are run
    /// first.
    Database(const std::string& path, const char* pragmas);
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
    /// Several statements without values.
    void script(const char* sql);
    /// The first column of the first row, or 0.
    std::int64_t number(std::string_view sql);

  private:
    friend class Statement;
    friend class Transaction;
    int changes() const;
    [[noreturn]] void give_up() const;

    sqlite3* connection_ = nullptr;
    int depth_ = 0;       ///< transactions inside each other
    bool failed_ = false; ///< an inner one was not committed
    /// Prepared and not in use, by their text.
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;
};

/// Rolls back unless committed. Inner ones join the outermost, which cannot be committed when one
/// of them was not.
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

} // namespace agent::sqlite
