#pragma once
// How the dev server's state is opened. store.cpp opens one; every repository of this folder goes
// through it. Failures of the database are failures of the environment: they throw.

#include "sqlite/database.hpp"

namespace devserver {

using agent::WallTime;
using agent::sqlite::Database;
using agent::sqlite::DatabaseError;
using agent::sqlite::Statement;
using agent::sqlite::Transaction;

/// A second dev server on the same file must fail at once, not share it: exclusive from the first
/// write on. What was deleted may have been a key.
inline constexpr const char* pragmas =
    "PRAGMA busy_timeout=1000; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; "
    "PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;";

} // namespace devserver
