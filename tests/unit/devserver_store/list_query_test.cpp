// Lists of ten thousand: SQLite is asked how it would read them, because how long it takes depends
// on the machine.

#include "devserver/store/list_query.hpp"

#include "devserver/store/seed.hpp"
#include "support/catch.hpp"

using namespace devserver;

namespace {

std::string plan(Store& store, const std::string& text) {
    std::string steps;
    auto row = store.database.query("EXPLAIN QUERY PLAN " + text);
    while (row.step()) steps += row.text(3) + "\n";
    return steps;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Session session(int number, WallTime expiration) {
    Session made;
    made.id = "s_" + std::to_string(1'000'000'000 + number);
    made.user_id = "u_1234567890";
    made.expiration = expiration;
    return made;
}

} // namespace

TEST_CASE("a page of a list is read in order from an index, wherever it starts, and only as far as "
          "it goes") {
    Store store(":memory:");
    ListQuery query;
    query.kind = "session";
    query.scopes = {"global", "o_1234567890", "p_1234567890"};
    const auto first = plan(store, rows_text(query));
    INFO(first);
    CHECK(contains(first, "resource_by_created (kind=?)"));
    CHECK_FALSE(contains(first, "TEMP B-TREE"));

    query.after = ListQuery::Position{agent::wall_now(), "s_1234567890"};
    const auto later = plan(store, rows_text(query));
    INFO(later);
    CHECK(contains(later, "resource_by_created (kind=? AND (created,id)<(?,?))"));
    CHECK_FALSE(contains(later, "TEMP B-TREE"));
}

TEST_CASE(
    "a refresh reads what has changed, and the number of items is counted in an index alone") {
    Store store(":memory:");
    ListQuery query;
    query.kind = "session";
    query.scopes = {"p_1234567890"};
    query.by_updated = true;
    query.changed_since = agent::wall_now();
    const auto refresh = plan(store, rows_text(query));
    INFO(refresh);
    CHECK(contains(refresh, "resource_by_updated (kind=? AND updated>?)"));
    CHECK_FALSE(contains(refresh, "TEMP B-TREE"));

    query.changed_since.reset();
    const auto count = plan(store, count_text(query));
    INFO(count);
    CHECK(contains(count, "COVERING INDEX resource_in_scope (scope_id=? AND kind=?)"));
}

TEST_CASE("sessions that are over end together, each told once, and the others are left alone") {
    WallTime now = agent::wall_now();
    Store store(":memory:", [&now] { return now; });
    for (int i = 0; i < 100; ++i)
        store.sessions.create(
            session(i, now + (i < 60 ? std::chrono::minutes(1) : std::chrono::minutes(10))), "p");
    std::vector<std::string> told;
    store.sessions.on_ended = [&](const std::string& id) {
        told.push_back(id);
        CHECK(store.sessions.session_status(id) == SessionStatus::terminated);
    };
    now += std::chrono::minutes(5);
    store.sessions.end_what_is_over();
    CHECK(told.size() == 60);
    CHECK(store.sessions.find("s_1000000059")->termination_reason == "timed out");
    CHECK(store.sessions.session_status("s_1000000060") == SessionStatus::pending);
    store.sessions.end_what_is_over();
    CHECK(told.size() == 60);
}

TEST_CASE("a statement that failed, or was left half-way, serves again") {
    Store store(":memory:");
    store.sessions.create(session(1, agent::wall_now()), "p");
    CHECK_THROWS_AS(store.sessions.create(session(1, agent::wall_now()), "p"), DatabaseError);
    store.sessions.create(session(2, agent::wall_now()), "p");
    for (int i = 0; i < 3; ++i) {
        ListQuery query;
        query.kind = "session";
        query.scopes = {"p"};
        ListCursor outer(store.database, query);
        ListCursor inner(store.database, query); // two of one text at once
        const auto one = outer.next();
        REQUIRE(one);
        CHECK(one->id == inner.next()->id);
        CHECK(inner.next());
        CHECK_FALSE(inner.next());
    }
}
