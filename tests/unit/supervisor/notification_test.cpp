#include "agentd/supervisor/notification.hpp"

#include "support/catch.hpp"

using supervisor::parse_notification;

TEST_CASE("notification: each line is a word, and unknown ones are passed over") {
    const auto said = parse_notification("STATUS=up\nREADY=1\nWATCHDOG=1\nX");
    CHECK(said.ready);
    CHECK(said.watchdog);
    CHECK_FALSE(said.stopping);
    CHECK_FALSE(said.store);
    CHECK(parse_notification("STOPPING=1").stopping);
    CHECK(parse_notification("READY=1\n").ready);
    CHECK_FALSE(parse_notification("READY=0").ready);
    CHECK_FALSE(parse_notification("READY=10").ready);
    CHECK_FALSE(parse_notification(" READY=1").ready);
    CHECK(parse_notification("") == supervisor::Notification());
}

TEST_CASE("notification: a descriptor is stored or forgotten under a name that can be handed on") {
    const auto stored = parse_notification("FDSTORE=1\nFDNAME=tcp.pg");
    CHECK(stored.store);
    CHECK_FALSE(stored.forget);
    CHECK(stored.name == "tcp.pg");
    CHECK(parse_notification("FDSTOREREMOVE=1\nFDNAME=tcp.pg").forget);
    CHECK_FALSE(parse_notification("FDSTOREREMOVE=1\nFDNAME=tcp.pg").store);
    for (const auto* name : {"", "a:b", "a b", "a\tb", "\x7f", "\xc3\xa4"})
        CHECK_FALSE(parse_notification("FDSTORE=1\nFDNAME=" + std::string(name)).name);
    CHECK(parse_notification("FDNAME=" + std::string(255, 'x')).name);
    CHECK_FALSE(parse_notification("FDNAME=" + std::string(256, 'x')).name);
    CHECK_FALSE(parse_notification(std::string_view("FDNAME=a\0b", 10)).name);
}
