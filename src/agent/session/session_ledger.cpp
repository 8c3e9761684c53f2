#include "agent/session/session_ledger.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "boundary/protocol.hpp"
#include "boundary/session_authorization.hpp"

namespace agent::core {
namespace {

void warn_unless(const Status& written) {
    if (!written) log::warning("{}", written.error().message);
}

/// Nobody knows whether the controller acted on the request.
bool unanswered(const Error& error) {
    return error.code == Errc::timed_out || error.code == Errc::controller_unreachable ||
           error.code == Errc::controller_protocol || error.code == Errc::canceled;
}

} // namespace

SessionLedger::SessionLedger(boost::asio::any_io_executor executor, Controllers& controllers,
                             SessionCalls& calls, keyring::Logins& logins, state::StateStore& store,
                             Carried carried, std::string vault)
    : controllers_(controllers), calls_(calls), logins_(logins), store_(store),
      carried_(std::move(carried)), vault_(std::move(vault)), look_again_(executor) {}

awaitable<Result<Authorized>> SessionLedger::authorize(ClusterChoice choice, TargetOptions target,
                                                       std::string proxy) {
    state::SessionRecord asked;
    asked.id = "asked:" + random_base62(12);
    asked.proxy = std::move(proxy);
    asked.cluster = choice.settings.address;
    asked.cluster_settings = dump_json(controller::settings_to_json(choice.settings));
    asked.token_name =
        choice.use_stored_login && !choice.token ? choice.token_name : std::string("none");
    asked.target_id = target.target;
    asked.state = model::SessionHold::asked;
    asked.created = format_rfc3339(wall_now());
    std::optional<Claim> asking(std::in_place, asking_, asked.id);
    warn_unless(store_.put_session(asked));

    bool sent = false;
    auto reply = co_await ask(choice, target, sent);
    if (!reply) {
        if (!sent || !unanswered(reply.error())) {
            (void)store_.forget_session(asked.id);
            co_return reply.error();
        }
        asking.reset();
        if (reply.error().code == Errc::timed_out) {
            std::vector<state::SessionRecord> lost{asked};
            (void)co_await cancel_unanswered(std::move(lost));
        }
        co_return reply.error();
    }
    Authorized authorized;
    authorized.session_id = string_member(reply->item, "session_id");
    if (authorized.session_id.empty()) // if there is one it is found by recover.cpp
        co_return fail(Errc::controller_protocol, Hop::controller,
                       choice.settings.address +
                           ": the answer to authorize-session names no session");
    authorized.token = Secret(string_member(reply->item, "authorization_token"));
    if (const auto token = reply->item.find("authorization_token"); token != reply->item.end())
        wipe(*token);
    authorized.target_id = string_member(reply->item, "target_id");
    const Json* credentials = find_member(reply->item, "credentials");
    if (credentials != nullptr && credentials->is_array())
        authorized.credentials.assign(credentials->begin(), credentials->end());
    handed_out_.erase(authorized.session_id);

    state::SessionRecord held = asked;
    held.id = authorized.session_id;
    held.target_id = authorized.target_id;
    held.state = model::SessionHold::held;
    held.expiration = string_member(reply->item, "expiration");
    in_transit_.insert(authorized.session_id);
    const auto session = boundary::decode_authorization_token(authorized.token.reveal());
    if (session && session->expiration) held.expiration = format_rfc3339(*session->expiration);
    if (session) {
        authorized.expiration = session->expiration;
        authorized.tofu_token = boundary::new_tofu_token();
        held.authorization =
            vault_.put(held.cluster, held.id, secrets_in(authorized), authorized.expiration);
    }
    warn_unless(store_.session_answered(asked.id, held));
    if (!session) co_return co_await abandon(choice, authorized.session_id, session.error());
    co_return authorized;
}

awaitable<Result<ItemReply>> SessionLedger::ask(ClusterChoice choice, TargetOptions target,
                                                bool& sent) {
    struct Authorizing {
        explicit Authorizing(int& count) : count_(count) { ++count_; }
        Authorizing(const Authorizing&) = delete;
        ~Authorizing() { --count_; }
        int& count_;
    } const authorizing(authorizing_);
    auto item = co_await calls_.authorize(std::move(choice), std::move(target), sent);
    if (item) { // not to be taken for one that was lost: see recover.cpp
        if (handed_out_.size() > 1000) handed_out_.clear();
        handed_out_.insert(string_member(item->item, "session_id"));
    }
    co_return item;
}

awaitable<Result<ItemReply>> SessionLedger::hand_out(ClusterChoice choice, TargetOptions target) {
    bool sent = false;
    co_return co_await ask(std::move(choice), std::move(target), sent);
}

void SessionLedger::lend(const ClusterChoice& choice, const Authorized& session,
                         std::string proxy) {
    state::SessionRecord lent;
    lent.id = session.session_id;
    lent.proxy = std::move(proxy);
    lent.cluster = choice.settings.address;
    lent.token_name = "none";
    lent.target_id = session.target_id;
    lent.state = model::SessionHold::lent;
    if (session.expiration) lent.expiration = format_rfc3339(*session.expiration);
    lent.created = format_rfc3339(wall_now());
    lent.authorization = vault_.put(lent.cluster, lent.id, secrets_in(session), session.expiration);
    warn_unless(store_.put_session(lent));
}

awaitable<Error> SessionLedger::abandon(ClusterChoice choice, std::string id, Error why) {
    if (id.empty()) co_return why;
    in_transit_.erase(id);
    const auto canceled = co_await cancel(std::move(choice), id);
    if (!canceled) { // recover.cpp tries again
        log::warning("session={} left behind: {}", id, canceled.error().message);
        why.message +=
            "; its session " + id + " could not be canceled: " + canceled.error().message;
    }
    co_return why;
}

awaitable<Status> SessionLedger::cancel(ClusterChoice choice, std::string id) {
    const std::string cluster = choice.settings.address;
    const auto canceled = co_await calls_.cancel(std::move(choice), id, std::nullopt);
    if (!canceled && canceled.error().status != 404) co_return canceled.error();
    forget(cluster, id);
    co_return Status();
}

void SessionLedger::forget(const std::string& cluster, const std::string& id) {
    vault_.forget(cluster, id);
    const auto forgotten = store_.forget_session(id);
    if (!forgotten) log::warning("{}", forgotten.error().message);
}

std::optional<SessionSecrets> SessionLedger::secrets(const std::string& cluster,
                                                     const std::string& id) {
    std::string open_part;
    for (const auto& row : rows())
        if (row.id == id) open_part = row.authorization;
    return vault_.find(cluster, id, open_part);
}

} // namespace agent::core
