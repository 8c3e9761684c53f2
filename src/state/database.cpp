#include "state/database.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace agent::state {
namespace {

constexpr int busy_milliseconds = 2000;

[[noreturn]] void give_up(sqlite3* connection) {
    throw DatabaseError(sqlite3_errmsg(connection));
}

} // namespace

Statement::Statement(sqlite3* connection, std::string_view sql) : connection_(connection) {
    if (sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) != SQLITE_OK)
        give_up(connection);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Statement::~Statement() {
    sqlite3_finalize(statement_);
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

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    give_up(connection_);
}

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) return {};
    return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

Database::Database(const std::string& path) {
    if (path != ":memory:") { // SQLite would make the file with the process's umask
        const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (file < 0) throw DatabaseError(std::generic_category().message(errno));
        ::close(file);
    }
    if (sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
        const std::string reason = sqlite3_errmsg(connection_);
        sqlite3_close(connection_);
        throw DatabaseError(reason);
    }
    sqlite3_busy_timeout(connection_, busy_milliseconds);
    try {
        // FULL: what was acknowledged survives a power cut. A commit is one fsync of the log, a few in a minute.
        script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
    } catch (...) {
        sqlite3_close(connection_);
        throw;
    }
}

Database::~Database() {
    sqlite3_close(connection_);
}

void Database::script(const char* sql) {
    if (sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(connection_);
}

std::int64_t Database::number(std::string_view sql) {
    auto row = query(sql);
    return row.step() ? row.integer(0) : 0;
}

int Database::changes() const {
    return sqlite3_changes(connection_);
}

Unsynced::Unsynced(Database& database) : database_(database) {
    database_.script("PRAGMA synchronous=NORMAL");
}

Unsynced::~Unsynced() {
    try {
        database_.script("PRAGMA synchronous=FULL");
    } catch (const DatabaseError&) { // it touches no file
    }
}

Transaction::Transaction(Database& database) : database_(database) {
    database_.script("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (done_) return;
    try {
        database_.script("ROLLBACK");
    } catch (const DatabaseError&) { // SQLite has rolled back by itself: disk full, I/O error
    }
}

void Transaction::commit() {
    database_.script("COMMIT");
    done_ = true;
}

} // namespace agent::state
