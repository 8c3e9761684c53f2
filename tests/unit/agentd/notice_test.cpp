// Which events become notices, and how often.

#include "agentd/notifications/notice.hpp"
#include "base/time.hpp"
#include "support/catch.hpp"

using namespace agentd;
using namespace std::chrono_literals;

namespace {

ipc::Event event_of(const std::string& kind, const std::string& message = "") {
    ipc::Event event;
    event.kind = kind;
    event.message = message;
    auto& proxy = event.proxy.emplace();
    proxy.name = "db";
    proxy.target_id = "ttcp_1";
    proxy.session_id = "s_1";
    proxy.cluster = "https://boundary";
    proxy.port = 5432;
    return event;
}

/// The code that agentd says beside the sentence.
std::string code_of(const std::string& reason) {
    const bool canceled =
        reason == "Session canceled" || reason.find("was canceled") != reason.npos;
    return canceled ? "session-canceled" : "other";
}

ipc::Event ended(const std::string& reason) {
    auto event = event_of("proxy-ended", reason);
    event.proxy->reason = reason;
    event.reason_code = code_of(reason);
    return event;
}

const Notices::Clock::time_point now{24h};

} // namespace

TEST_CASE("notice: what only a person can settle is told, with its button") {
    Notices notices;
    const auto login = notices.take(event_of("login-needed", "the login has expired"), now);
    REQUIRE(login);
    CHECK(login->action == "login");
    CHECK(login->action_label == "Log in");
    CHECK(login->body == "the login has expired");

    const auto canceled = notices.take(ended("Session canceled"), now);
    REQUIRE(canceled);
    CHECK(canceled->action == "reconnect");
    CHECK(canceled->summary == "The session of db was canceled");

    const auto blocked = notices.take(event_of("port-blocked", "another program has it"), now);
    REQUIRE(blocked);
    CHECK(blocked->action.empty());
    CHECK(blocked->summary == "Port 5432 of db is taken");
}

TEST_CASE("notice: an expiry is told only where connections are open") {
    Notices notices;
    auto event = event_of("expiry-near");
    event.proxy->expiration = agent::format_rfc3339(agent::wall_now() + 5min);
    CHECK_FALSE(notices.take(event, now));
    event.proxy->connections_open = 1;
    const auto near = notices.take(event, now);
    REQUIRE(near);
    CHECK(near->summary == "The session of db ends in 5 minutes");
}

TEST_CASE("notice: the warning a quarter of an hour before does not keep back the one five minutes "
          "before") {
    Notices notices;
    auto event = event_of("expiry-near");
    event.proxy->connections_open = 1;
    event.proxy->expiration = agent::format_rfc3339(agent::wall_now() + 15min);
    CHECK_FALSE(notices.take(event, now));
    event.proxy->expiration = agent::format_rfc3339(agent::wall_now() + 5min);
    CHECK(notices.take(event, now + 9min + 59s));
}

TEST_CASE("notice: what a person did themselves, and what merely happens, is no news") {
    Notices notices;
    for (const char* reason :
         {"Disconnected", "Logged out, which canceled the session", "Session has expired"})
        CHECK_FALSE(notices.take(ended(reason), now));
    for (const char* kind :
         {"proxy-started", "connection-opened", "connection-failed", "login", "session-given"})
        CHECK_FALSE(notices.take(event_of(kind, "Session canceled"), now));
    ipc::Event mine;
    mine.kind = "session-canceled";
    mine.message = "canceled session s_1";
    CHECK_FALSE(notices.take(mine, now));
    CHECK_FALSE(notices.take(ended("Session canceled"), now));
}

TEST_CASE("notice: a proxy that stays is told of when it waits for a person, not when it goes on "
          "by itself") {
    Notices notices;
    auto event = event_of("session-ended", "Session canceled");
    event.reason_code = code_of(event.message);
    event.proxy->state = "idle";
    CHECK_FALSE(notices.take(event, now));
    event.proxy->state = "blocked";
    event.proxy->reason = "session s_1 was canceled at the controller";
    CHECK(notices.take(event, now));
}

TEST_CASE("notice: a proxy that stays and whose session was canceled from here is no news") {
    Notices notices;
    ipc::Event mine;
    mine.kind = "session-canceled";
    mine.message = "canceled session s_1";
    CHECK_FALSE(notices.take(mine, now));
    auto event = event_of("session-ended", "session s_1 was canceled at the controller");
    event.reason_code = code_of(event.message);
    event.proxy->state = "blocked";
    CHECK_FALSE(notices.take(event, now));
    event.proxy->session_id = "s_2";
    CHECK(notices.take(event, now));
}

TEST_CASE("notice: a proxy that stays can always be reconnected") {
    Notices notices;
    auto event = event_of("session-ended", "session s_1 was canceled at the controller");
    event.reason_code = code_of(event.message);
    event.proxy->state = "blocked";
    event.proxy->persistent = true;
    event.proxy->target_id.clear();
    const auto notice = notices.take(event, now);
    REQUIRE(notice);
    CHECK(notice->action == "reconnect");
}

TEST_CASE("notice: a proxy without a known target gets no button") {
    Notices notices;
    auto event = ended("Session canceled");
    event.proxy->cluster.clear();
    const auto notice = notices.take(event, now);
    REQUIRE(notice);
    CHECK(notice->action.empty());
}

TEST_CASE("notice: one for each proxy and cause in ten minutes, and one login for all proxies of a "
          "cluster") {
    Notices notices;
    CHECK(notices.take(event_of("port-blocked"), now));
    CHECK_FALSE(notices.take(event_of("port-blocked"), now + 9min));
    CHECK(notices.take(ended("Session canceled"), now)); // another cause
    auto other = event_of("port-blocked");
    other.proxy->name = "web";
    CHECK(notices.take(other, now + 9min));
    CHECK(notices.take(event_of("port-blocked"), now + 10min));

    CHECK(notices.take(event_of("login-needed"), now));
    auto second = event_of("login-needed");
    second.proxy->name = "web";
    CHECK_FALSE(notices.take(second, now + 1min));
    second.proxy->cluster = "https://elsewhere";
    CHECK(notices.take(second, now + 1min));
}
