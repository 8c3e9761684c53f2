// Put back: the session that a kept proxy had, when its workers refuse it or its process was away,
// unless it is over.

#include "agent/parts.hpp"
#include "agent/session_object.hpp"

#include "async/with_timeout.hpp"

namespace agent::core {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int most_times = 3; // the same session, while workers refuse it

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
awaitable<ManagedProxy::Step> ManagedProxy::put_back() {
    if (settling()) { // given up by us
        co_await changed.wait();
        co_return Step::again;
    }
    const std::string id = held_session;
    ClusterChoice as = choice();
    const auto session = co_await parts_->session_calls.read(std::move(as), id);
    if (held_session != id)
        co_return Step::again; // the read has noticed that it is over, and dealt with it
    if (!session) {
        const Error& error = session.error();
        const bool refused = error.status == 401 || error.status == 403 || error.status == 404;
        if (refused) { // a dead login has taken its sessions with it
            session_done();
            co_return Step::again;
        }
        obstacle = error;
        pace.failed(Clock::now(), std::chrono::seconds(error.retry_after));
        on(CourseEvent::answer_known); // whoever asked sees what stands in the way
        const Reason away(ReasonCode::controller_unreachable, error.message);
        co_await hold(Wait::network, away);
        if (!wants_session()) co_return Step::done;
        const auto pause = pace.wait(Clock::now());
        co_await async::with_timeout(hurry.wait(),
                                     std::max<std::chrono::milliseconds>(pause, 100ms));
        co_return Step::again;
    }
    if (is_over(session->item)) { // the notice is on its way as well: whoever comes first
        co_await session_is_over(session->item);
        co_return Step::again;
    }
    if (session_used_up(session->item)) {
        session_done();
        co_return Step::again;
    }
    auto secrets = session_secrets();
    if (!secrets || ++put_back_times > most_times) {
        co_await settle_session();
        co_return Step::again;
    }
    if (put_back_times > 1) co_await async::sleep_for(200ms * put_back_times);
    const auto process = handle;
    auto given = co_await process->renew(std::move(secrets->authorization_token),
                                         std::move(secrets->tofu_token));
    if (!given) {
        if (given.error().code == Errc::session_over) session_done();
        co_await async::sleep_for(100ms); // its process may be on its way back
        co_return ended() ? Step::done : Step::again;
    }
    on(CourseEvent::answer_known);
    if (!ended()) show(*given);
    co_return Step::done;
}

} // namespace agent::core
