// No session is left behind: what was authorized and is held by nobody is canceled, at the start
// and later on, and what was asked for without an answer is looked for among our own pending
// sessions.

#include "agent/session/session_ledger.hpp"
#include "agent/session_object.hpp"

#include "async/turns.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace agent::core {
namespace {

using namespace std::chrono_literals;

constexpr auto pause = 60s;
constexpr auto clock_difference =
    2s; // between the controller and us, at most, for what is told apart by time
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

/// Later it has expired.
bool may_be_pending(const state::SessionRecord& asked) {
    const auto since = parse_rfc3339(asked.created);
    return since && *since + 24h >= wall_now();
}

/// The session can be the answer to this call.
bool made_by(const state::SessionRecord& asked, const Json& session) {
    const bool by_id = asked.target_id.find('_') != std::string::npos; // else an alias or a name
    if (by_id && string_member(session, "target_id") != asked.target_id) return false;
    const auto since = parse_rfc3339(asked.created);
    const auto created = parse_rfc3339(string_member(session, "created_time"));
    return since && created && *created >= *since - clock_difference &&
           *created <= *since + longest_call;
}

} // namespace

bool SessionLedger::claimed(const std::string& session_id) const {
    if (in_transit_.contains(session_id) || asking_.contains(session_id)) return true;
    return carried_(session_id);
}

std::vector<state::SessionRecord> SessionLedger::rows() {
    auto rows = store_.sessions();
    if (rows) return std::move(*rows);
    log::warning("{}", rows.error().message);
    return {};
}

awaitable<void> SessionLedger::run() {
    for (;;) {
        std::map<std::pair<std::string, std::string>, std::vector<state::SessionRecord>>
            asked; // by cluster and login
        for (const auto& row : rows()) {
            if (claimed(row.id)) continue;
            if (row.state == model::SessionHold::asked) {
                asked[{row.cluster_settings, row.token_name}].push_back(row);
                continue;
            }
            const bool settled = co_await recover(row);
            if (settled) forget(row.cluster, row.id);
        }
        for (auto& [login, lost] : asked) co_await settle_unanswered(std::move(lost));
        co_await async::with_timeout(look_again_.wait(), pause);
    }
}

// true: nothing of it is left.
awaitable<bool> SessionLedger::recover(state::SessionRecord row) {
    const auto expiration = parse_rfc3339(row.expiration);
    if (expiration && *expiration < wall_now()) co_return true;
    if (row.state == model::SessionHold::lent) co_return false; // it ends by itself
    auto settings = settings_in(row);
    if (!settings) co_return true;
    ClusterChoice choice = choice_in(row, std::move(*settings));
    const auto token = co_await controllers_.token_of(choice);
    if (!token || token->empty()) co_return false; // after a login, or never: then it expires
    const auto canceled = co_await calls_.cancel(std::move(choice), row.id, std::nullopt);
    if (canceled)
        log::info("session={} of proxy={} was held by nobody: canceled", row.id, row.proxy);
    co_return canceled || canceled.error().status == 404;
}

awaitable<void> SessionLedger::settle_unanswered(std::vector<state::SessionRecord> asked) {
    const bool settled = co_await cancel_unanswered(asked);
    if (!settled) co_return;
    for (const auto& row : asked) (void)store_.forget_session(row.id);
}

awaitable<void> SessionLedger::settle_lost(ClusterChoice choice, std::string proxy) {
    std::vector<state::SessionRecord> lost;
    for (auto& row : rows())
        if (row.state == model::SessionHold::asked && row.proxy == proxy &&
            row.cluster == choice.settings.address && row.token_name == choice.token_name &&
            !asking_.contains(row.id))
            lost.push_back(std::move(row));
    if (!lost.empty()) co_await settle_unanswered(std::move(lost));
}

// Calls for a session that had no answer, of one cluster and login. If the controller made one, it
// is pending, ours, for that target, and as old as the call; nobody has its token. true: none of
// them is left.
awaitable<bool> SessionLedger::cancel_unanswered(std::vector<state::SessionRecord> asked) {
    std::erase_if(asked, [](const auto& row) { return !may_be_pending(row); });
    if (asked.empty()) co_return true;
    auto settings = settings_in(asked.front());
    if (!settings) co_return true;
    ClusterChoice choice = choice_in(asked.front(), std::move(*settings));
    const keyring::Key key{choice.settings.address, choice.token_name};
    if (!choice.use_stored_login)
        co_return true; // with a caller's own token: it is not ours to look
    const auto stored = co_await logins_.find(key);
    if (!stored || !stored->has_value()) co_return false;
    const auto login = parse_secret_json(**stored);
    const std::string user = login ? string_member(*login, "user_id") : std::string();
    const auto sessions = co_await calls_.list(choice);
    if (!sessions) co_return false;
    if (authorizing_ > 0) co_return false; // one that is being answered now may be in the list
    const auto known_rows = rows();
    async::Turns turns;
    for (const auto& text : sessions->items) {
        co_await turns.spent(text.size());
        const auto json = controller::parse_item(text);
        if (!json) continue;
        const Json& session = *json;
        const bool ours = string_member(session, "user_id") == user &&
                          status_of(session) == model::SessionStatus::pending;
        if (!ours) continue;
        const std::string id = string_member(session, "id");
        const bool known =
            claimed(id) || handed_out_.contains(id) ||
            std::ranges::any_of(known_rows, [&](const auto& row) { return row.id == id; });
        const bool lost =
            std::ranges::any_of(asked, [&](const auto& row) { return made_by(row, session); });
        if (known || !lost) continue;
        const auto canceled = co_await calls_.cancel(choice, id, std::nullopt);
        if (!canceled && canceled.error().status != 404) co_return false;
        log::info("session={} was authorized without our hearing of it: canceled", id);
    }
    co_return true;
}

} // namespace agent::core
