// No session is left behind: what was authorized and is held by nobody is canceled, at the start and later on, and what
// was asked for without an answer is looked for among our own pending sessions.

#include "agent/agent.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

#include <algorithm>

namespace agent::core {
namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 60s;
constexpr auto clock_difference = 2s; // between the controller and us, at most, for what is told apart by time
constexpr auto longest_call = 2min;

ClusterChoice choice_in(const state::SessionRecord& row, controller::ClusterSettings settings) {
    ClusterChoice choice;
    choice.settings = std::move(settings);
    choice.token_name = row.token_name;
    choice.use_stored_login = row.token_name != "none";
    return choice;
}

Result<controller::ClusterSettings> settings_in(const state::SessionRecord& row) {
    const auto json = parse_json(row.cluster_settings);
    if (!json) return json.error();
    return controller::settings_from_json(*json);
}

} // namespace

bool Agent::claimed(const std::string& session_id) const {
    if (in_transit_.contains(session_id) || asking_.contains(session_id)) return true;
    return std::ranges::any_of(proxies_.all(), [&](const auto& one) {
        return one.second->held_session == session_id || one.second->status.session_id == session_id;
    });
}

awaitable<void> Agent::recover_sessions() {
    for (;;) {
        const auto rows = store_.sessions();
        if (!rows) log::warning("{}", rows.error().message);
        for (const auto& row : rows ? *rows : std::vector<state::SessionRecord>()) {
            if (claimed(row.id)) continue;
            const bool settled = co_await recover_session(row);
            if (settled) forget_session(row.cluster, row.id);
        }
        co_await async::with_timeout(recover_now_.wait(), look_again);
    }
}

// true: nothing of it is left.
awaitable<bool> Agent::recover_session(state::SessionRecord row) {
    const auto expiration = parse_rfc3339(row.expiration);
    if (expiration && *expiration < wall_now()) co_return true;
    if (row.state == "lent") co_return false; // it ends by itself
    if (row.state == "asked") co_return co_await cancel_unanswered(row);
    auto settings = settings_in(row);
    if (!settings) co_return true;
    ClusterChoice choice = choice_in(row, std::move(*settings));
    const auto token = co_await token_of(choice);
    if (!token || token->empty()) co_return false; // after a login, or never: then it expires
    const auto canceled = co_await cancel_session(std::move(choice), row.id, std::nullopt);
    if (canceled) log::info("session={} of proxy={} was held by nobody: canceled", row.id, row.proxy);
    co_return canceled || canceled.error().status == 404;
}

// A call for a session had no answer. If the controller made one, it is pending, ours, for that target, and as old as
// the call; nobody has its token.
awaitable<bool> Agent::cancel_unanswered(state::SessionRecord asked) {
    const auto since = parse_rfc3339(asked.created);
    auto settings = settings_in(asked);
    if (!since || !settings) co_return true;
    if (*since + 24h < wall_now()) co_return true; // pending ones have expired by then
    ClusterChoice choice = choice_in(asked, std::move(*settings));
    const keyring::Key key{choice.settings.address, choice.token_name};
    if (!choice.use_stored_login) co_return true; // with a caller's own token: it is not ours to look
    const auto stored = co_await logins_.find(key);
    if (!stored || !stored->has_value()) co_return false;
    const auto login = parse_secret_json(**stored);
    const std::string user = login ? string_member(*login, "user_id") : std::string();
    ListWords words;
    words.resource = "sessions";
    words.scope_id = "global";
    words.recursive = true;
    const auto sessions = co_await list(choice, std::move(words), nullptr);
    if (!sessions) co_return false;
    const auto rows = store_.sessions();
    for (const auto& session : sessions->items) {
        const std::string id = string_member(session, "id");
        const auto created = parse_rfc3339(string_member(session, "created_time"));
        const bool known = claimed(id) || handed_out_.contains(id) ||
                           (rows && std::ranges::any_of(*rows, [&](const auto& row) { return row.id == id; }));
        const bool by_id = asked.target_id.find('_') != std::string::npos; // else an alias or a name
        const bool there = !by_id || string_member(session, "target_id") == asked.target_id;
        const bool then = created && *created >= *since - clock_difference && *created <= *since + longest_call;
        const bool ours = string_member(session, "user_id") == user && string_member(session, "status") == "pending";
        if (known || !there || !then || !ours) continue;
        const auto canceled = co_await cancel_session(choice, id, std::nullopt);
        if (!canceled && canceled.error().status != 404) co_return false;
        log::info("session={} was authorized without our hearing of it: canceled", id);
    }
    co_return true;
}

} // namespace agent::core
