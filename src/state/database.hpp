#pragma once
// How state.db is opened, and what may be written to it with less care. StateStore opens one; the
// words of src/sqlite are the folder's own from here on.

#include "sqlite/database.hpp"

namespace agent::state {

using sqlite::Database;
using sqlite::DatabaseError;
using sqlite::Transaction;

/// FULL: what was acknowledged survives a power cut. A commit is one fsync of the log, a few in a
/// minute.
inline constexpr const char* pragmas =
    "PRAGMA busy_timeout=2000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

/// While it lives a commit does not wait for the disk: for what may go with the power, though not
/// with the process. Outlives the transactions in it.
class Unsynced {
  public:
    explicit Unsynced(Database& database);
    Unsynced(const Unsynced&) = delete;
    Unsynced& operator=(const Unsynced&) = delete;
    ~Unsynced();

  private:
    Database& database_;
};

} // namespace agent::state
