#pragma once
// The tables of state.db and how they came to be: one migration for each version, never changed
// once released.

#include "state/database.hpp"

namespace agent::state {

/// What this program writes: the number of migrations.
int schema_version();

/// Brings the file to schema_version(), each step in a transaction of its own. Throws DatabaseError
/// when the file is from a newer agentd.
void migrate(Database& database);

} // namespace agent::state
