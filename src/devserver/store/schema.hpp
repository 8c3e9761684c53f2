#pragma once
// The tables. Store calls it once when it opens a database.

#include "devserver/store/database.hpp"

namespace devserver {

/// Makes the tables where they are missing. Throws DatabaseError for a file of a newer version.
void prepare_schema(Database& database);

} // namespace devserver
