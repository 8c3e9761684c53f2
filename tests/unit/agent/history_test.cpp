// Which events stand in the history that `why` shows.

#include "agent/history.hpp"
#include "support/catch.hpp"

using namespace agent;
using namespace agent::core;

namespace {

AgentEvent event(EventKind kind, ProxyState state, Errc failure = Errc::internal) {
    AgentEvent one;
    one.kind = kind;
    auto& proxy = one.proxy.emplace();
    proxy.name = "pg";
    proxy.state = state;
    proxy.last_failure.code = failure;
    return one;
}

} // namespace

TEST_CASE("history: connections that come and go are too many to remember") {
    History history;
    CHECK_FALSE(history.remembers(event(EventKind::connection_opened, ProxyState::busy)));
    CHECK_FALSE(history.remembers(event(EventKind::connection_closed, ProxyState::ready)));
    CHECK_FALSE(history.remembers(event(EventKind::proxy_changed, ProxyState::ready)));
    CHECK(history.remembers(event(EventKind::session_given, ProxyState::ready)));
}

TEST_CASE("history: a failure is remembered once until connections work again, and so is that") {
    History history;
    const auto fails =
        event(EventKind::connection_failed, ProxyState::ready, Errc::endpoint_unreachable);
    CHECK(history.remembers(fails));
    CHECK_FALSE(history.remembers(fails));
    CHECK(history.remembers(
        event(EventKind::connection_failed, ProxyState::ready, Errc::worker_unreachable)));
    CHECK(history.remembers(event(EventKind::connection_recovered, ProxyState::busy)));
    CHECK(history.remembers(fails));
}

TEST_CASE("history: a wait is remembered when it begins, not with each try") {
    History history;
    const auto waits = event(EventKind::proxy_changed, ProxyState::waiting_network);
    CHECK(history.remembers(waits));
    CHECK_FALSE(history.remembers(event(EventKind::proxy_changed, ProxyState::authorizing)));
    CHECK_FALSE(history.remembers(waits));
    CHECK(history.remembers(event(EventKind::proxy_changed, ProxyState::waiting_login)));
    CHECK(history.remembers(event(EventKind::session_given, ProxyState::ready)));
    CHECK(history.remembers(waits));
}

TEST_CASE("history: each proxy has its own, and a name that comes again begins anew") {
    History history;
    const auto waits = event(EventKind::proxy_changed, ProxyState::waiting_login);
    auto other = waits;
    other.proxy->name = "web";
    CHECK(history.remembers(waits));
    CHECK(history.remembers(other));
    CHECK(history.remembers(event(EventKind::proxy_ended, ProxyState::ended)));
    CHECK(history.remembers(waits));
}
