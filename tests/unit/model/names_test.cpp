// The texts of the wire and of state.db, in both directions. That no row is missing is checked by
// the compiler (complete()).

#include "model/event_kind.hpp"
#include "model/login.hpp"
#include "model/proxy_settings.hpp"
#include "model/proxy_state.hpp"
#include "model/reason.hpp"
#include "model/session_state.hpp"
#include "support/catch.hpp"

#include <set>
#include <string>

using namespace agent;
using namespace agent::model;

namespace {

/// Each text leads back to its enumerator, and no two are the same.
template <class Enum> void check_both_ways() {
    std::set<std::string_view> seen;
    for (const auto& [value, text] : names<Enum>) {
        CHECK(seen.insert(text).second);
        CHECK(from_name<Enum>(text) == value);
        CHECK(name_of(value) == text);
    }
}

} // namespace

TEST_CASE("model: every text leads back to its enumerator") {
    check_both_ways<ProxyState>();
    check_both_ways<Wait>();
    check_both_ways<ReasonCode>();
    check_both_ways<AfterCancel>();
    check_both_ways<ClusterState>();
    check_both_ways<SessionStatus>();
    check_both_ways<Termination>();
    check_both_ways<SessionHold>();
    check_both_ways<ProxySource>();
}

TEST_CASE("model: what is on the wire and in state.db stays as it is") {
    CHECK(name_of(ProxyState::waiting_login) == "waiting-login");
    CHECK(name_of(EventKind::session_ended) == "session-ended");
    CHECK(name_of(Wait::person) == "person");
    CHECK(name_of(AfterCancel::reauthorize) == "reauthorize");
    CHECK(name_of(SessionHold::asked) == "asked");
    CHECK(name_of(ProxySource::transient) == "transient");
    CHECK(name_of(SessionStatus::terminated) == "terminated");
    CHECK(name_of(Termination::timed_out) == "timed out");
}

TEST_CASE("model: a kind that is not known is a change of the proxy") {
    CHECK_FALSE(from_name<EventKind>("proxy-painted"));
    CHECK(from_name<EventKind>("proxy-changed") == EventKind::proxy_changed);
    CHECK(name_of(EventKind::other) == "proxy-changed");
    CHECK_FALSE(from_name<ProxyState>(""));
}

TEST_CASE("model: the hop of a reason") {
    CHECK(hop_of(ReasonCode::session_expired) == Hop::expiry);
    CHECK(hop_of(ReasonCode::connections_used_up) == Hop::limit);
    CHECK(hop_of(ReasonCode::login_needed) == Hop::login);
    CHECK(hop_of(ReasonCode::session_canceled) == Hop::controller);
    CHECK(hop_of(ReasonCode::port_taken) == Hop::local);
    CHECK_FALSE(hop_of(ReasonCode::inactive)); // the next connection gets a session
    CHECK_FALSE(hop_of(ReasonCode::none));
}
