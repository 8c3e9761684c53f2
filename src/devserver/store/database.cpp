#include "devserver/store/database.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <new>
#include <utility>

namespace devserver {
namespace {

[[noreturn]] void give_up(sqlite3* connection, std::string_view sql) {
    const bool unique = sqlite3_extended_errcode(connection) == SQLITE_CONSTRAINT_UNIQUE ||
                        sqlite3_extended_errcode(connection) == SQLITE_CONSTRAINT_PRIMARYKEY;
    throw DatabaseError("dev server state: " + std::string(sqlite3_errmsg(connection)) +
                            " in: " + std::string(sql.substr(0, 60)),
                        unique);
}

} // namespace

Statement::Statement(Database& database, std::string_view sql) : database_(database), statement_(database.take(sql)) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Statement::~Statement() {
    if (statement_ != nullptr) database_.give_back(statement_);
}

Statement& Statement::bind(std::string_view text) {
    // an empty view may have no address, which SQLite would store as NULL
    sqlite3_bind_text(statement_, ++bound_, text.empty() ? "" : text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind(std::int64_t number) {
    sqlite3_bind_int64(statement_, ++bound_, number);
    return *this;
}

Statement& Statement::bind(const std::optional<std::string>& text) {
    if (text) return bind(std::string_view(*text));
    sqlite3_bind_null(statement_, ++bound_);
    return *this;
}

bool Statement::step() {
    switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
        return true;
    case SQLITE_DONE:
        return false;
    default:
        give_up(database_.connection_, sqlite3_sql(statement_));
    }
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

Database::Database(const std::string& path) {
    if (path != ":memory:") { // SQLite would make the file with the process's umask
        const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (file >= 0) ::close(file);
    }
    if (sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
        const std::string reason = sqlite3_errmsg(connection_);
        sqlite3_close(connection_);
        throw DatabaseError("open " + path + ": " + reason, false);
    }
    sqlite3_busy_timeout(connection_, 1000);
    try {
        // A second dev server on the same file must fail at once, not share it: exclusive from the first write on.
        script("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
               "secure_delete=ON;");
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

sqlite3_stmt* Database::take(std::string_view sql) {
    if (const auto found = idle_.find(sql); found != idle_.end() && !found->second.empty()) {
        auto* statement = found->second.back();
        found->second.pop_back();
        return statement;
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                           nullptr) != SQLITE_OK)
        give_up(connection_, sql);
    return statement;
}

void Database::give_back(sqlite3_stmt* statement) noexcept {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement); // secrets among them
    try {
        idle_[sqlite3_sql(statement)].push_back(statement);
    } catch (const std::bad_alloc&) {
        sqlite3_finalize(statement);
    }
}

void Database::script(const char* sql) {
    if (sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(connection_, sql);
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
    if (done_ || database_.depth_ > 0) return; // an inner one that failed is undone by the outermost
    try {
        database_.script("ROLLBACK");
    } catch (const DatabaseError&) { // SQLite has rolled back by itself: disk full, I/O error
    }
}

void Transaction::commit() {
    if (database_.depth_ == 1) database_.script("COMMIT");
    done_ = true;
}

} // namespace devserver
