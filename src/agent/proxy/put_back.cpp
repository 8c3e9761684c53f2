// Put back: the session that a kept proxy had, when its workers refuse it or its process was away,
// unless it is over.

#include "agent/agent.hpp"
#include "agent/session_object.hpp"

#include "async/with_timeout.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int times_put_back = 3; // the same session, while workers refuse it

bool session_used_up(const Json& session) {
    const Json* limit = find_member(session, "connection_limit");
    const Json* connections = find_member(session, "connections");
    if (limit == nullptr || !limit->is_number_integer() || limit->get<std::int64_t>() <= 0)
        return false;
    return connections != nullptr && connections->is_array() &&
           static_cast<std::int64_t>(connections->size()) >= limit->get<std::int64_t>();
}

} // namespace

// The controller knows whether it is over.
awaitable<Agent::Step> Agent::put_back(std::shared_ptr<ManagedProxy> proxy) {
    if (proxy->settling()) { // given up by us
        co_await proxy->changed.wait();
        co_return Step::again;
    }
    const std::string id = proxy->held_session;
    ClusterChoice choice = choice_of(*proxy);
    const auto session = co_await read(choice, "sessions", id);
    if (proxy->held_session != id)
        co_return Step::again; // read() has noticed that it is over, and dealt with it
    if (!session) {
        const Error& error = session.error();
        const bool refused = error.status == 401 || error.status == 403 || error.status == 404;
        if (refused) { // a dead login has taken its sessions with it
            session_done(*proxy);
            co_return Step::again;
        }
        proxy->obstacle = error;
        proxy->pace.failed(Clock::now(), std::chrono::seconds(error.retry_after));
        proxy->on(CourseEvent::answer_known); // whoever asked sees what stands in the way
        const Reason away(ReasonCode::controller_unreachable, error.message);
        co_await hold(proxy, Wait::network, away);
        if (!proxy->wants_session()) co_return Step::done;
        const auto pause = proxy->pace.wait(Clock::now());
        co_await async::with_timeout(proxy->hurry.wait(),
                                     std::max<std::chrono::milliseconds>(pause, 100ms));
        co_return Step::again;
    }
    if (is_over(session->item)) { // the notice is on its way as well: whoever comes first
        co_await session_is_over(proxy, session->item);
        co_return Step::again;
    }
    if (session_used_up(session->item)) {
        session_done(*proxy);
        co_return Step::again;
    }
    auto secrets = secrets_of(*proxy);
    if (!secrets || ++proxy->put_back > times_put_back) {
        co_await settle_session(proxy);
        co_return Step::again;
    }
    if (proxy->put_back > 1) co_await async::sleep_for(200ms * proxy->put_back);
    const auto handle = proxy->handle;
    auto given = co_await handle->renew(std::move(secrets->authorization_token),
                                        std::move(secrets->tofu_token));
    if (!given) {
        if (given.error().code == Errc::session_over) session_done(*proxy);
        co_await async::sleep_for(100ms); // its process may be on its way back
        co_return proxy->ended() ? Step::done : Step::again;
    }
    proxy->on(CourseEvent::answer_known);
    if (!proxy->ended()) show(*proxy, *given);
    co_return Step::done;
}

} // namespace agent::core
