// From a wish (a client waits, `eager`, a person asks) to a session for a persistent proxy. One
// coroutine for each proxy that wishes: the session it had, if that is still good; else a login,
// the controller's answer, and the handing over. What stands in the way is shown as the proxy's
// state, and nothing is asked more often than Pace allows.

#include "agent/parts.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto refusal_pause = 30s;    // after a controller said no: the next client may ask again
constexpr auto login_look_again = 60s; // while clients wait; a login through us is noticed at once

} // namespace

void ManagedProxy::want_session() {
    if (providing() || ended() || !persistent() || !settings) return;
    if (status.state == ProxyState::blocked && status.clients_waiting == 0 && !asked_for()) {
        // Clients are turned away, so this one does not wait any more; but the controller may think
        // otherwise by now.
        if (needs_person() || !obstacle || pace.wait(Clock::now()) > 0ms) return;
        on(CourseEvent::asked);
    }
    on(CourseEvent::providing_began);
    spawn(provide_session(), "provide session");
}

awaitable<void> ManagedProxy::provide_session() {
    const During at_it(*this, CourseEvent::providing_stopped);
    for (;;) {
        const Step step = co_await provide_once();
        const bool asked_meanwhile = asked_for() && !ended() && status.session_id.empty();
        if (step == Step::done && !asked_meanwhile) co_return;
    }
}

awaitable<ManagedProxy::Step> ManagedProxy::provide_once() {
    if (ended() || !status.session_id.empty()) co_return Step::done;

    // 1. The session it had, unless that is over.
    if (!held_session.empty()) co_return co_await put_back();

    // 2. A person, where one has to decide.
    if (needs_person() && !asked_for()) {
        Reason reason(ReasonCode::session_canceled);
        reason.text = obstacle ? obstacle->message : "reconnect it";
        co_await hold(Wait::person, reason);
        co_return Step::done;
    }

    // 3. A login.
    ClusterChoice as = choice();
    const auto token = co_await parts_->controllers.token_of(as);
    if (!token) co_return co_await wait_login(token.error());
    if (token->empty()) {
        const Error missing = parts_->controllers.no_login(as.settings.address);
        co_return co_await wait_login(missing);
    }

    // 4. Somebody who still wants it, and the time for it.
    if (!wants_session()) {
        const Reason nobody_waits;
        co_await hold(Wait::none, nobody_waits);
        co_return Step::done;
    }
    const auto pause = pace.wait(Clock::now());
    if (pause > 0ms) {
        co_await async::with_timeout(hurry.wait(), pause);
        if (ended()) co_return Step::done;
        const bool away = status.state == ProxyState::waiting_network;
        Reason reason(away ? ReasonCode::controller_unreachable : ReasonCode::asking_controller);
        if (obstacle) reason.text = obstacle->message;
        co_await hold(away ? Wait::network : Wait::authorizing, reason); // who still waits?
        co_return Step::again;
    }
    pace.attempt(Clock::now());

    // 5. What was asked for before and never answered, so that it is not left behind.
    co_await parts_->ledger.settle_lost(as, spec.name);

    // 6. The controller.
    const Reason asking(ReasonCode::asking_controller,
                        "asking " + as.settings.address + " for a session");
    co_await hold(Wait::authorizing, asking);
    auto authorized = co_await parts_->ledger.authorize(std::move(as), target, spec.name);
    if (!authorized) co_return co_await weigh_failure(authorized.error());
    co_return co_await give(std::move(*authorized));
}

awaitable<ManagedProxy::Step> ManagedProxy::give(Authorized authorized) {
    const std::string id = authorized.session_id;
    const auto process = handle;
    auto given = co_await process->renew(authorized.token, authorized.tofu_token);
    if (!given || ended()) {
        Error why = given ? fail(Errc::canceled, Hop::agent, "the proxy has ended") : given.error();
        ClusterChoice as = choice();
        const Error told = co_await parts_->ledger.abandon(std::move(as), id, std::move(why));
        log::warning("proxy={} did not take session={}: {}", spec.name, id, told.message);
        pace.failed(Clock::now(), 0s);
        co_return Step::again;
    }
    held_session = id;
    parts_->ledger.arrived(id);
    put_back_times = 0;
    pace.succeeded();
    obstacle.reset();
    on(CourseEvent::session_given);
    show(*given);
    co_return Step::done;
}

awaitable<ManagedProxy::Step> ManagedProxy::weigh_failure(Error error) {
    const auto now = Clock::now();
    const std::chrono::seconds asked(error.retry_after);
    on(CourseEvent::answer_known); // whoever asked sees what stands in the way
    const bool refused = error.status == 401 || error.status == 403;
    if (refused) {
        ClusterChoice as = choice();
        const bool works = co_await parts_->controllers.login_works(std::move(as));
        if (!works) {
            pace.failed(now, 0s);
            error.hop = Hop::login;
            error.hint = parts_->controllers.login_step(settings->address);
            co_return co_await wait_login(std::move(error));
        }
    }
    obstacle = error;
    const bool passing = error.status == 0 || error.status == 429 || error.status >= 500;
    if (passing) {
        pace.failed(now, asked);
        const Reason away(ReasonCode::controller_unreachable, error.message);
        co_await hold(Wait::network, away);
        co_return wants_session() ? Step::again : Step::done;
    }
    // No such target, no permission: only somebody else can change that. A later client may find it
    // changed.
    pace.failed(now, refusal_pause);
    const Reason refusal(ReasonCode::controller_refused,
                         "the controller refuses: " + error.message);
    co_await hold(Wait::person, refusal);
    co_return Step::done;
}

awaitable<ManagedProxy::Step> ManagedProxy::wait_login(Error why) {
    obstacle = why;
    on(CourseEvent::answer_known);
    const Reason reason(ReasonCode::login_needed, why.message);
    const bool news = status.state != ProxyState::waiting_login;
    co_await hold(Wait::login, reason);
    // Whoever begins to wait is news as well: after a logout nobody was waiting yet.
    const bool waits = wants_session();
    if (news || (waits && !login_called_for()))
        parts_->events.publish(EventKind::login_needed, why.message + "; " + why.hint, status);
    on(waits ? CourseEvent::login_called_for : CourseEvent::nobody_waits_for_login);
    if (!waits) co_return Step::done; // a login wakes it
    co_await async::with_timeout(hurry.wait(), login_look_again);
    if (ended()) co_return Step::done;
    co_await hold(Wait::login, reason); // who still waits?
    co_return Step::again;
}

awaitable<void> ManagedProxy::hold(Wait wait, Reason reason) {
    if (parts_->controllers.leaving()) co_return; // that we end is nothing that the proxy waits for
    const auto process = handle;
    const auto held = co_await process->hold(wait, std::move(reason), false);
    if (held && !ended()) show(*held);
    if (!held) co_await async::sleep_for(100ms); // its process may be on its way back
}

void ManagedProxy::hurry_up() {
    pace.hurry();
    hurry.notify_all();
}

void ManagedProxy::ask_now() {
    on(CourseEvent::asked);
    hurry_up();
    want_session();
}

} // namespace agent::core
