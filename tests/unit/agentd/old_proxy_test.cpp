// What agent-proxies of released versions say in sentences, and the codes that agentd makes of it.

#include "agentd/launcher/proxy_reader.hpp"
#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;
using namespace agentd;

namespace {

struct Said {
    const char* state;
    const char* sentence;
    ReasonCode code;
};

// As found in the sources of each version that has been released.
const Said protocol_1[] = {
    {"ready", "", ReasonCode::none},
    {"busy", "", ReasonCode::none},
    {"stopping", "Session has expired", ReasonCode::session_expired},
    {"ended", "No connections left in session", ReasonCode::connections_used_up},
    {"ended", "Inactivity timeout reached", ReasonCode::inactive},
    {"ended", "Session canceled", ReasonCode::session_canceled},
    {"ended", "Disconnected", ReasonCode::disconnected},
    {"ended", "agent-proxy was told to end", ReasonCode::stopped},
    {"stopping", "Logged out, which canceled the session", ReasonCode::logged_out},
    {"stopping",
     "worker 10.0.0.7:9202 refused another connection: the session's connections are used up, or "
     "it was canceled or has expired (close 1011: unable to authorize connection)",
     ReasonCode::session_refused},
};
const Said protocol_2[] = {
    {"idle", "Session has expired", ReasonCode::session_expired},
    {"idle", "No connections left in session", ReasonCode::connections_used_up},
    {"idle", "Inactivity timeout reached", ReasonCode::inactive},
    {"authorizing", "a client waits for a session", ReasonCode::client_waiting},
    {"authorizing", "asking http://127.0.0.1:9200 for a session", ReasonCode::asking_controller},
    {"waiting-login", "there is no login for http://127.0.0.1:9200", ReasonCode::login_needed},
    {"waiting-network", "dial 127.0.0.1:9200: connection refused",
     ReasonCode::controller_unreachable},
    {"blocked",
     "session s_1234567890 was canceled at the controller; agentctl reconnect pg asks for a new "
     "one",
     ReasonCode::session_canceled},
    {"blocked", "the controller refuses: Forbidden.", ReasonCode::controller_refused},
    {"blocked", "listen on 127.0.0.1:5432: address already in use", ReasonCode::port_taken},
};
const Said protocol_3[] = {
    {"stopping", "Replaced by version 0.2.0", ReasonCode::process_replaced},
    {"ended", "config.toml has changed", ReasonCode::configuration_changed},
    {"idle", "Session ended: deleted", ReasonCode::session_deleted},
    {"idle", "Session ended: something else", ReasonCode::session_terminated},
    {"blocked", "the battery is empty", ReasonCode::other},
};

ipc::Proxy proxy(const Said& said) {
    ipc::Proxy shown;
    shown.state = said.state;
    shown.reason = said.sentence;
    return shown;
}

template <std::size_t n> void check(const Said (&all)[n]) {
    for (const auto& said : all) {
        INFO(said.state << ": " << said.sentence);
        ProxyReader reader;
        const auto status = reader.status_in(proxy(said));
        CHECK(status.reason_code == said.code);
        CHECK(status.reason == said.sentence);
        CHECK(name_of(status.state) == said.state);
    }
}

ProxyChange change(ProxyReader& reader, const char* kind, const char* message, ipc::Proxy shown) {
    ipc::Subscribe::Response reply;
    reply.kind = kind;
    reply.message = message;
    reply.proxy = std::move(shown);
    return reader.change_in(std::move(reply));
}

} // namespace

TEST_CASE("old proxies: the sentences of protocol 1 become codes") {
    check(protocol_1);
}

TEST_CASE("old proxies: the sentences of protocol 2 become codes") {
    check(protocol_2);
}

TEST_CASE("old proxies: the sentences of protocol 3 before reason codes become codes") {
    check(protocol_3);
}

TEST_CASE("old proxies: the end of a session says why, though its proxy goes on") {
    ProxyReader reader;
    const auto idle = proxy({"idle", "Inactivity timeout reached", ReasonCode::inactive});
    const auto ended = change(reader, "session-ended", "Inactivity timeout reached", idle);
    CHECK(ended.kind == EventKind::session_ended);
    CHECK(ended.reason_code == ReasonCode::inactive);
}

TEST_CASE("old proxies: a failure has its hop, and its time from when it was told") {
    ProxyReader reader;
    auto shown = proxy({"ready", "", ReasonCode::none});
    shown.connections_failed = 1;
    shown.last_failure = "worker w:9202 could not connect to the target tcp://10.0.0.1:22";
    auto told = change(reader, "connection-failed", shown.last_failure.c_str(), shown).proxy;
    CHECK(told.last_failure.hop == Hop::target);
    CHECK(told.last_failure.code == Errc::endpoint_unreachable);
    CHECK_FALSE(told.last_failure.time.empty());
    CHECK(told.failing);
    // One that is opened later has left it behind, until the next failure.
    CHECK_FALSE(change(reader, "connection-opened", "", shown).proxy.failing);
    shown.connections_failed = 2;
    shown.last_failure = "worker w:9202 refused another connection: … are used up";
    told = change(reader, "connection-failed", "", shown).proxy;
    CHECK(told.failing);
    CHECK(told.last_failure.hop == Hop::limit);
}

TEST_CASE("agent-proxies of today say codes, whatever the sentence is, and a newer one may say "
          "more") {
    ProxyReader reader;
    auto shown = proxy({"idle", "Session has expired", ReasonCode::none});
    shown.reason_code = "inactive";
    shown.last_failure = "something";
    shown.failure_code = "EndpointUnreachable";
    shown.failure_hop = "target";
    shown.failure_time = "2026-11-28T10:00:00Z";
    shown.failing = false;
    auto told = reader.status_in(shown);
    CHECK(told.reason_code == ReasonCode::inactive);
    CHECK(told.last_failure.hop == Hop::target);
    CHECK(told.last_failure.time == "2026-11-28T10:00:00Z");
    CHECK_FALSE(told.failing);
    shown.reason_code = "asleep";
    CHECK(reader.status_in(shown).reason_code == ReasonCode::other);
}
