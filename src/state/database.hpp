#pragma once
// One SQLite connection with an owner: statements that bind and read by position, and transactions. state_store.cpp and
// its neighbours go through it. What SQLite refuses is thrown as DatabaseError and becomes an Error in StateStore.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace agent::state {

class DatabaseError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Statement {
  public:
    Statement(sqlite3* connection, std::string_view sql);
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(std::string_view text);
    Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
    Statement& bind(const char* text) { return bind(std::string_view(text)); }
    Statement& bind(std::int64_t number);
    Statement& bind(bool flag) { return bind(static_cast<std::int64_t>(flag)); }

    /// true while there is a row to read.
    bool step();
    std::string text(int column) const;
    std::int64_t integer(int column) const;
    bool flag(int column) const { return integer(column) != 0; }

  private:
    sqlite3* connection_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

class Database {
  public:
    /// ":memory:" or a file, which is made with mode 0600.
    explicit Database(const std::string& path);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    template <class... Values> Statement query(std::string_view sql, const Values&... values) {
        Statement statement(connection_, sql);
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
    int changes() const;
    sqlite3* connection_ = nullptr;
};

/// While it lives a commit does not wait for the disk: for what may go with the power, though not with the process.
/// Outlives the transactions in it.
class Unsynced {
  public:
    explicit Unsynced(Database& database);
    Unsynced(const Unsynced&) = delete;
    Unsynced& operator=(const Unsynced&) = delete;
    ~Unsynced();

  private:
    Database& database_;
};

/// Rolls back unless committed.
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

} // namespace agent::state
