// The session of a proxy: given, used, expired, used up, refused, canceled; and what that means for
// a transient proxy, which ends with it, and for a persistent one, which does not.

#include "proxy/proxy.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "net/wall_timer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace agent::proxy {
namespace {

constexpr std::chrono::seconds cancel_limit{5};
constexpr std::chrono::seconds refusals_limit{20};
using model::ReasonCode;

model::Reason reason_in(const Error& error) {
    const bool refused = error.code == Errc::session_over || error.code == Errc::worker_refused;
    return model::Reason(refused ? ReasonCode::session_refused : ReasonCode::workers_unreachable,
                         error.message);
}

} // namespace

Status Proxy::give_session(SessionKeys keys) {
    if (ending_) return fail(Errc::session_over, Hop::local, "this proxy is ending");
    std::shared_ptr<Session> session = slot_.last();
    const bool again = session && session->id() == keys.authorization.session_id && !last_is_over_;
    if (!again) {
        auto made =
            Session::create(executor_, std::move(keys), options_.link, options_.gate_limits());
        if (!made) return made.error();
        session = std::move(*made);
        session->open_ahead_in(ahead_);
    }
    if (const auto alive = session->check_not_expired(); !alive) return alive.error();
    const std::string id = session->id();
    last_is_over_ = false;
    slot_.give(std::move(session));
    session_changed_.notify_all();
    if (!standing_.port_taken) reason_ = model::Reason();
    enter(StateEvent::session_given, Change::session_given,
          (again ? "goes on with session " : "has session ") + id);
    return {};
}

void Proxy::hold(Standing::Wait wait, model::Reason reason, bool session_over) {
    using Wait = Standing::Wait;
    if (ending_) return;
    if (session_over && session() != nullptr) lose_session(Change::session_ended, reason);
    if (session() != nullptr) return; // it has come meanwhile
    if (wait == Wait::person)
        slot_.refuse(fail(Errc::session_over, Hop::login, reason.text));
    else
        slot_.let_wait();
    if (!standing_.port_taken) reason_ = std::move(reason);
    constexpr auto event_of = [](Wait kind) {
        switch (kind) {
        case Wait::authorizing:
            return StateEvent::authorizing;
        case Wait::login:
            return StateEvent::login_missing;
        case Wait::network:
            return StateEvent::network_missing;
        case Wait::person:
            return StateEvent::person_needed;
        case Wait::none:
            break;
        }
        return StateEvent::nothing_wanted;
    };
    enter(event_of(wait), Change::changed, reason_.text);
}

void Proxy::lose_session(Change how, model::Reason reason) {
    session_end_ = reason.code;
    last_is_over_ = how == Change::session_ended;
    slot_.take_away();
    session_changed_.notify_all();
    if (!standing_.port_taken) reason_ = reason;
    enter(StateEvent::session_over, how, reason.text);
    if (slot_.waiting() > 0) session_wanted();
}

void Proxy::release_session(model::Reason reason) {
    const auto session = slot_.current();
    if (!session) return;
    if (options_.cancel_when_inactive) life_.spawn(cancel_session(session), "cancel session");
    lose_session(Change::session_ended, std::move(reason));
}

awaitable<void> Proxy::cancel_session(std::shared_ptr<Session> session) {
    const auto canceled =
        co_await async::with_timeout(session->gate().cancel_session(), cancel_limit);
    session_canceled_ = canceled && *canceled;
    if (session_canceled_) {
        log::info("session={} canceled", session->id());
    } else {
        log::warning("session={} could not be canceled through a worker: {}", session->id(),
                     canceled ? canceled->error().message : "no answer in time");
    }
}

awaitable<void> Proxy::watch_expiry() {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) {
        while (session() == nullptr) co_await session_changed_.wait();
        const auto session = slot_.current();
        co_await (net::wait_until(session->expiration()) || session_changed_.wait());
        if (slot_.current() != session || wall_now() < session->expiration()) continue;
        if (options_.persistent) {
            lose_session(Change::session_ended, model::Reason(ReasonCode::session_expired));
            continue;
        }
        Ending ending;
        ending.reason = model::Reason(ReasonCode::session_expired);
        ending.drain = true;
        end(std::move(ending));
        co_return;
    }
}

void Proxy::session_wanted() {
    if (ending_) return;
    const model::Reason waits(ReasonCode::client_waiting);
    if (standing_.wait != Standing::Wait::none) {
        on_change_(Change::session_wanted, waits.text); // the state says already what it waits for
        return;
    }
    if (!standing_.port_taken) reason_ = waits;
    enter(StateEvent::authorizing, Change::session_wanted, waits.text);
}

void Proxy::session_used(Session& session, std::int32_t connections_left) {
    session.refused_since.reset();
    session.connections_left(connections_left);
    if (&session != this->session()) return;
    if (session.left() == 1)
        on_change_(Change::limit_near, "one connection is left in session " + session.id());
    if (session.left() != 0) return;
    if (options_.persistent) {
        lose_session(Change::session_ended, model::Reason(ReasonCode::connections_used_up));
        return;
    }
    Ending ending;
    ending.reason = model::Reason(ReasonCode::connections_used_up);
    ending.drain = true;
    end(std::move(ending));
}

bool Proxy::session_failed(const std::shared_ptr<Session>& session, const Error& error) {
    if (!options_.persistent || ending_) return false;
    if (session == slot_.current()) lose_session(Change::session_lost, reason_in(error));
    return true;
}

// The worker says the same when it cannot ask its controller, so one refusal ends nothing but its
// connection. Where agentd has a login it asks the controller and ends us at once; elsewhere only
// refusals that go on for longer than a worker survives without its controller mean that no later
// connection can succeed. Those that run are not touched.
void Proxy::weigh_refusal(const Error& error) {
    const auto session = slot_.current();
    if (options_.persistent || !session) return;
    const auto now = std::chrono::steady_clock::now();
    if (!session->refused_since) session->refused_since = now;
    if (now - *session->refused_since < refusals_limit) return;
    Ending ending;
    ending.reason = reason_in(error);
    ending.drain = true;
    end(std::move(ending));
}

} // namespace agent::proxy
