#include "devserver/worker/faults.hpp"

#include "support/catch.hpp"

using devserver::FaultBox;
using devserver::parse_faults;
using devserver::WorkerFaults;

TEST_CASE("worker faults: each word sets its fault") {
    const auto faults =
        parse_faults("refuse=5,reset=2.5,cannot-activate=3,lose-early,drop-behind-get,delay=20,"
                     "stale-alert=7,stale-reset=8,frames=split,reset-after=100,close-after=200,"
                     "deaf-after=300,dead-after=0,vanish");
    REQUIRE(faults.has_value());
    CHECK(faults->refuse == 5);
    CHECK(faults->reset == 2.5);
    CHECK(faults->cannot_activate == 3);
    CHECK(faults->lose_early);
    CHECK(faults->drop_behind_get);
    CHECK(faults->delay.count() == 20);
    CHECK(faults->stale_alert->count() == 7);
    CHECK(faults->stale_reset->count() == 8);
    CHECK(faults->frames == WorkerFaults::Frames::split);
    CHECK(*faults->reset_after == 100);
    CHECK(*faults->close_after == 200);
    CHECK(*faults->deaf_after == 300);
    CHECK(*faults->dead_after == 0);
    CHECK(faults->vanish);
}

TEST_CASE("worker faults: a wrong word is named") {
    for (const std::string word :
         {"refuse", "refuse=x", "refuse=-1", "vanish=1", "frames=round", "haste", "delay=1s"}) {
        const auto faults = parse_faults("lose-early," + word);
        REQUIRE_FALSE(faults.has_value());
        CHECK(faults.error().message.find("\"" + word + "\"") != std::string::npos);
    }
}

TEST_CASE("worker faults: a percentage is one, and an activation count runs out") {
    WorkerFaults faults;
    faults.refuse = 5;
    faults.cannot_activate = 2;
    FaultBox box(faults);
    int refused = 0;
    for (int i = 0; i < 10'000; ++i) refused += box.refuses();
    CHECK(refused > 400);
    CHECK(refused < 600);
    CHECK_FALSE(box.resets());
    CHECK(box.cannot_activate());
    CHECK(box.cannot_activate());
    CHECK_FALSE(box.cannot_activate());
}
