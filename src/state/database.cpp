#include "state/database.hpp"

namespace agent::state {

Unsynced::Unsynced(Database& database) : database_(database) {
    database_.script("PRAGMA synchronous=NORMAL");
}

Unsynced::~Unsynced() {
    try {
        database_.script("PRAGMA synchronous=FULL");
    } catch (const DatabaseError&) { // it touches no file
    }
}

} // namespace agent::state
