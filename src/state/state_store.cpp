#include "state/state_store.hpp"

#include "base/log.hpp"
#include "state/database.hpp"
#include "state/schema.hpp"

namespace agent::state {

StateStore::StateStore(const std::string& path) : path_(path) {
    try {
        auto database = std::make_unique<Database>(path, pragmas);
        auto check = database->query("PRAGMA quick_check(1)");
        if (check.step() && check.text(0) != "ok")
            throw DatabaseError("it is damaged: " + check.text(0));
        migrate(*database);
        database->script("BEGIN IMMEDIATE; ROLLBACK"); // a read-only file is noticed now, not at
                                                       // the first change
        database_ = std::move(database);
        return;
    } catch (const DatabaseError& problem) {
        problem_ = path + ": " + problem.what();
    }
    log::error("{}; nothing is remembered until that is mended and agentd restarted", problem_);
    database_ = std::make_unique<Database>(":memory:", pragmas);
    migrate(*database_);
}

StateStore::~StateStore() = default;

Status StateStore::durable() const {
    if (problem_.empty()) return {};
    return fail(Errc::environment, Hop::agent, "nothing can be remembered: " + problem_,
                "mend or move that file, then restart agentd");
}

} // namespace agent::state
