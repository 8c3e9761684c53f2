// From a wish (a client waits, `eager`, a person asks) to a session for a persistent proxy. One
// coroutine for each proxy that wishes: the session it had, if that is still good; else a login,
// the controller's answer, and the handing over. What stands in the way is shown as the proxy's
// state, and nothing is asked more often than Pace allows.

#include "agent/agent.hpp"

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

void Agent::want_session(const std::shared_ptr<ManagedProxy>& proxy) {
    if (proxy->providing() || proxy->ended() || !proxy->persistent() || !proxy->settings) return;
    if (proxy->status.state == ProxyState::blocked && proxy->status.clients_waiting == 0 &&
        !proxy->asked_for()) {
        // Clients are turned away, so this one does not wait any more; but the controller may think
        // otherwise by now.
        if (proxy->needs_person() || !proxy->obstacle || proxy->pace.wait(Clock::now()) > 0ms)
            return;
        proxy->on(CourseEvent::asked);
    }
    proxy->on(CourseEvent::providing_began);
    tasks_.spawn(provide_session(proxy), "provide session");
}

awaitable<void> Agent::provide_session(std::shared_ptr<ManagedProxy> proxy) {
    const During providing(*proxy, CourseEvent::providing_stopped);
    for (;;) {
        const Step step = co_await provide_once(proxy);
        const bool asked_meanwhile =
            proxy->asked_for() && !proxy->ended() && proxy->status.session_id.empty();
        if (step == Step::done && !asked_meanwhile) co_return;
    }
}

awaitable<Agent::Step> Agent::provide_once(std::shared_ptr<ManagedProxy> proxy) {
    if (proxy->ended() || !proxy->status.session_id.empty()) co_return Step::done;

    // 1. The session it had, unless that is over.
    if (!proxy->held_session.empty()) co_return co_await put_back(proxy);

    // 2. A person, where one has to decide.
    if (proxy->needs_person() && !proxy->asked_for()) {
        Reason reason(ReasonCode::session_canceled);
        reason.text = proxy->obstacle ? proxy->obstacle->message : "reconnect it";
        co_await hold(proxy, Wait::person, reason);
        co_return Step::done;
    }

    // 3. A login.
    ClusterChoice choice = choice_of(*proxy);
    const auto token = co_await controllers_.token_of(choice);
    if (!token) co_return co_await wait_login(proxy, token.error());
    if (token->empty()) {
        const Error missing = controllers_.no_login(choice.settings.address);
        co_return co_await wait_login(proxy, missing);
    }

    // 4. Somebody who still wants it, and the time for it.
    if (!proxy->wants_session()) {
        const Reason nobody_waits;
        co_await hold(proxy, Wait::none, nobody_waits);
        co_return Step::done;
    }
    const auto pause = proxy->pace.wait(Clock::now());
    if (pause > 0ms) {
        co_await async::with_timeout(proxy->hurry.wait(), pause);
        if (proxy->ended()) co_return Step::done;
        const bool away = proxy->status.state == ProxyState::waiting_network;
        Reason reason(away ? ReasonCode::controller_unreachable : ReasonCode::asking_controller);
        if (proxy->obstacle) reason.text = proxy->obstacle->message;
        co_await hold(proxy, away ? Wait::network : Wait::authorizing, reason); // who still waits?
        co_return Step::again;
    }
    proxy->pace.attempt(Clock::now());

    // 5. What was asked for before and never answered, so that it is not left behind.
    co_await ledger_.settle_lost(choice, proxy->spec.name);

    // 6. The controller.
    const Reason asking(ReasonCode::asking_controller,
                        "asking " + choice.settings.address + " for a session");
    co_await hold(proxy, Wait::authorizing, asking);
    auto authorized =
        co_await ledger_.authorize(std::move(choice), proxy->target, proxy->spec.name);
    if (!authorized) co_return co_await weigh_failure(proxy, authorized.error());
    co_return co_await give(proxy, std::move(*authorized));
}

awaitable<Agent::Step> Agent::give(std::shared_ptr<ManagedProxy> proxy, Authorized authorized) {
    const std::string id = authorized.session_id;
    const auto handle = proxy->handle;
    auto given = co_await handle->renew(authorized.token, authorized.tofu_token);
    if (!given || proxy->ended()) {
        Error why = given ? fail(Errc::canceled, Hop::agent, "the proxy has ended") : given.error();
        ClusterChoice choice = choice_of(*proxy);
        const Error told = co_await ledger_.abandon(std::move(choice), id, std::move(why));
        log::warning("proxy={} did not take session={}: {}", proxy->spec.name, id, told.message);
        proxy->pace.failed(Clock::now(), 0s);
        co_return Step::again;
    }
    proxy->held_session = id;
    ledger_.arrived(id);
    proxy->put_back = 0;
    proxy->pace.succeeded();
    proxy->obstacle.reset();
    proxy->on(CourseEvent::session_given);
    show(*proxy, *given);
    co_return Step::done;
}

awaitable<Agent::Step> Agent::weigh_failure(std::shared_ptr<ManagedProxy> proxy, Error error) {
    const auto now = Clock::now();
    const std::chrono::seconds asked(error.retry_after);
    proxy->on(CourseEvent::answer_known); // whoever asked sees what stands in the way
    const bool refused = error.status == 401 || error.status == 403;
    if (refused) {
        ClusterChoice choice = choice_of(*proxy);
        const bool works = co_await login_works(std::move(choice));
        if (!works) {
            proxy->pace.failed(now, 0s);
            error.hop = Hop::login;
            error.hint = controllers_.login_step(proxy->settings->address);
            co_return co_await wait_login(proxy, std::move(error));
        }
    }
    proxy->obstacle = error;
    const bool passing = error.status == 0 || error.status == 429 || error.status >= 500;
    if (passing) {
        proxy->pace.failed(now, asked);
        const Reason away(ReasonCode::controller_unreachable, error.message);
        co_await hold(proxy, Wait::network, away);
        co_return proxy->wants_session() ? Step::again : Step::done;
    }
    // No such target, no permission: only somebody else can change that. A later client may find it
    // changed.
    proxy->pace.failed(now, refusal_pause);
    const Reason refusal(ReasonCode::controller_refused,
                         "the controller refuses: " + error.message);
    co_await hold(proxy, Wait::person, refusal);
    co_return Step::done;
}

awaitable<Agent::Step> Agent::wait_login(std::shared_ptr<ManagedProxy> proxy, Error why) {
    proxy->obstacle = why;
    proxy->on(CourseEvent::answer_known);
    const Reason reason(ReasonCode::login_needed, why.message);
    const bool news = proxy->status.state != ProxyState::waiting_login;
    co_await hold(proxy, Wait::login, reason);
    // Whoever begins to wait is news as well: after a logout nobody was waiting yet.
    const bool waits = proxy->wants_session();
    if (news || (waits && !proxy->login_called_for()))
        events_.publish(EventKind::login_needed, why.message + "; " + why.hint, proxy->status);
    proxy->on(waits ? CourseEvent::login_called_for : CourseEvent::nobody_waits_for_login);
    if (!waits) co_return Step::done; // logged_in() wakes it
    co_await async::with_timeout(proxy->hurry.wait(), login_look_again);
    if (proxy->ended()) co_return Step::done;
    co_await hold(proxy, Wait::login, reason); // who still waits?
    co_return Step::again;
}

awaitable<void> Agent::hold(std::shared_ptr<ManagedProxy> proxy, Wait wait, Reason reason) {
    if (controllers_.leaving()) co_return; // that we end is nothing that the proxy waits for
    const auto handle = proxy->handle;
    const auto held = co_await handle->hold(wait, std::move(reason), false);
    if (held && !proxy->ended()) show(*proxy, *held);
    if (!held) co_await async::sleep_for(100ms); // its process may be on its way back
}

/// A 403 does not say whether the login is dead; whether it can read itself does.
awaitable<bool> Agent::login_works(ClusterChoice choice) {
    const auto self = co_await read(std::move(choice), "auth-tokens", "self");
    if (self) co_return true;
    const int status = self.error().status;
    co_return status != 401 && status != 403 && status != 404 &&
        self.error().code != Errc::login_needed;
}

void Agent::hurry_all() {
    for (const auto& [name, proxy] : proxies_.all()) {
        proxy->pace.hurry();
        proxy->hurry.notify_all();
    }
    ledger_.look_again();
}

void Agent::network_changed() {
    for (const auto& [name, proxy] : proxies_.all()) proxy->pace.network_back(Clock::now());
    hurry_all();
    for (const auto& [name, proxy] : proxies_.all())
        if (proxy->status.state == ProxyState::waiting_network) want_session(proxy);
}

void Agent::logged_in() {
    hurry_all();
    for (const auto& [name, proxy] : proxies_.all())
        if (proxy->status.state == ProxyState::waiting_login) want_session(proxy);
}

} // namespace agent::core
