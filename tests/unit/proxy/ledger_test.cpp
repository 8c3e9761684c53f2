// What failed, when, and whether connections have worked since.

#include "base/time.hpp"
#include "proxy/ledger.hpp"
#include "support/catch.hpp"

#include <optional>

using namespace agent;
using namespace agent::proxy;

namespace {

struct Reader final : LedgerReader {
    void connection_opened() override {}
    void connection_closed(const ByteCounts&) override {}
    void connection_failed(const Error&) override { ++failed; }
    void connection_recovered() override { ++recovered; }
    int failed = 0, recovered = 0;
};

const Error refused =
    fail(Errc::endpoint_unreachable, Hop::target, "could not connect to the target");

} // namespace

TEST_CASE("ledger: a failure has its code, hop and time") {
    Reader reader;
    Ledger ledger(reader);
    CHECK_FALSE(ledger.failing());
    const auto before = wall_now();
    ledger.failed(refused, 4711);
    CHECK(ledger.failing());
    CHECK(ledger.newest_failure().code == Errc::endpoint_unreachable);
    CHECK(ledger.newest_failure().hop == Hop::target);
    const auto time = parse_rfc3339(ledger.newest_failure().time);
    REQUIRE(time);
    CHECK(*time >= before);
    REQUIRE(ledger.client_failures().size() == 1);
    CHECK(ledger.client_failures()[0].pid == 4711);
    CHECK(ledger.client_failures()[0].number == 1);
    CHECK(ledger.client_failures()[0].time == ledger.newest_failure().time);
}

TEST_CASE("ledger: a connection that brings something back after a failure is a recovery, once") {
    Reader reader;
    Ledger ledger(reader);
    ledger.failed(refused, 0);
    {
        Ledger::Page page(ledger);
        CHECK(ledger.failing()); // a worker may take it and find the target gone
        ledger.notice_recovery();
        CHECK(reader.recovered == 0);
        page.counts().down = 1;
        CHECK_FALSE(ledger.failing());
        ledger.notice_recovery();
        CHECK(reader.recovered == 1);
    }
    CHECK(reader.recovered == 1);
    CHECK_FALSE(ledger.failing());
}

TEST_CASE("ledger: one that is over before anybody looks is a recovery too") {
    Reader reader;
    Ledger ledger(reader);
    ledger.failed(refused, 0);
    Ledger::Page(ledger).counts().down = 20;
    CHECK(reader.recovered == 1);
}

TEST_CASE("ledger: one that was there before the failure, or carried nothing, says nothing new") {
    Reader reader;
    Ledger ledger(reader);
    std::optional<Ledger::Page> before(std::in_place, ledger);
    before->counts().down = 100;
    ledger.failed(refused, 0);
    before->counts().down = 200;
    ledger.notice_recovery();
    before.reset();
    {
        const Ledger::Page empty(ledger);
    }
    CHECK(reader.recovered == 0);
    CHECK(ledger.failing());
}

TEST_CASE("ledger: a connection that carried something and then failed is a failure") {
    Reader reader;
    Ledger ledger(reader);
    {
        Ledger::Page page(ledger);
        page.counts().down = 100;
        ledger.failed(refused, 0);
    }
    CHECK(ledger.failing());
    CHECK(reader.recovered == 0);
}
