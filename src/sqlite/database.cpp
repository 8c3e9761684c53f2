#include "sqlite/database.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace agent::sqlite {

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
    auto found = database.idle_.find(sql);
    if (found == database.idle_.end()) found = database.idle_.try_emplace(std::string(sql)).first;
    home_ = &found->second;
    if (!home_->empty()) {
        statement_ = home_->back();
        home_->pop_back();
    } else if (sqlite3_prepare_v3(database.connection_, sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK) {
        database.give_up();
    }
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), home_(other.home_),
      statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Statement::~Statement() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_); // secrets among them
    try {
        home_->push_back(statement_);
    } catch (const std::bad_alloc&) {
        sqlite3_finalize(statement_);
    }
}

void Statement::check(int bound) const {
    if (bound != SQLITE_OK) database_.give_up();
}

Statement& Statement::bind(std::string_view text) {
    // an empty view may have no address, which SQLite would store as NULL
    check(sqlite3_bind_text(statement_, ++bound_, text.empty() ? "" : text.data(),
                            static_cast<int>(text.size()), SQLITE_TRANSIENT));
    return *this;
}

Statement& Statement::bind(std::int64_t number) {
    check(sqlite3_bind_int64(statement_, ++bound_, number));
    return *this;
}

Statement& Statement::bind(const std::optional<std::string>& text) {
    if (text) return bind(std::string_view(*text));
    check(sqlite3_bind_null(statement_, ++bound_));
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    database_.give_up();
}

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) return {};
    return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(const std::string& path, const char* pragmas) {
    if (path != ":memory:") { // SQLite would make the file with the process's umask, and one
                              // without a name as well
        const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (file < 0) throw DatabaseError(std::generic_category().message(errno));
        ::close(file);
    }
    try {
        if (sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                            nullptr) != SQLITE_OK)
            give_up();
        script(pragmas);
    } catch (...) {
        sqlite3_close(connection_);
        throw;
    }
}

Database::~Database() {
    for (const auto& [sql, statements] : idle_)
        for (auto* statement : statements) sqlite3_finalize(statement);
    sqlite3_close(connection_);
}

void Database::give_up() const {
    const int code = sqlite3_extended_errcode(connection_);
    throw DatabaseError(sqlite3_errmsg(connection_),
                        code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY);
}

void Database::script(const char* sql) {
    if (sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up();
}

std::int64_t Database::number(std::string_view sql) {
    auto row = query(sql);
    return row.step() ? row.integer(0) : 0;
}

int Database::changes() const {
    return sqlite3_changes(connection_);
}

Transaction::Transaction(Database& database) : database_(database) {
    if (database_.depth_ == 0) database_.script("BEGIN IMMEDIATE");
    ++database_.depth_;
}

Transaction::~Transaction() {
    --database_.depth_;
    if (done_) return;
    database_.failed_ = database_.depth_ > 0; // only the outermost can undo it
    if (database_.failed_) return;
    try {
        database_.script("ROLLBACK");
    } catch (const DatabaseError&) { // SQLite has rolled back by itself: disk full, I/O error
    }
}

void Transaction::commit() {
    if (database_.depth_ == 1) {
        if (database_.failed_) throw DatabaseError("a part of this transaction has failed");
        database_.script("COMMIT");
    }
    done_ = true;
}

} // namespace agent::sqlite
