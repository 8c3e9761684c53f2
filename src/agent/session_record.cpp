// What is written down about sessions so that none is left behind: before a controller is asked for
// one, when it has answered, and when the session is over.

#include "agent/agent.hpp"

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

awaitable<Result<Agent::Authorized>>
Agent::authorize_recorded(ClusterChoice choice, TargetWords target, std::string proxy) {
    state::SessionRecord asked;
    asked.id = "asked:" + random_base62(12);
    asked.proxy = std::move(proxy);
    asked.cluster = choice.settings.address;
    asked.cluster_settings = dump_json(controller::settings_to_json(choice.settings));
    asked.token_name =
        choice.use_stored_login && !choice.token ? choice.token_name : std::string("none");
    asked.target_id = target.target;
    asked.state = "asked";
    asked.created = format_rfc3339(wall_now());
    struct Asking {
        Asking(std::set<std::string>& all, std::string id) : all_(all), id_(std::move(id)) {
            all_.insert(id_);
        }
        Asking(const Asking&) = delete;
        ~Asking() { all_.erase(id_); }
        std::set<std::string>& all_;
        std::string id_;
    };
    auto asking = std::make_unique<Asking>(asking_, asked.id);
    warn_unless(store_.put_session(asked));

    bool sent = false;
    auto reply = co_await ask_for_session(choice, target, sent);
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
    held.state = "held";
    held.expiration = string_member(reply->item, "expiration");
    in_transit_.insert(authorized.session_id);
    const auto session = boundary::decode_authorization_token(authorized.token.reveal());
    if (session && session->expiration) held.expiration = format_rfc3339(*session->expiration);
    if (session) {
        authorized.expiration = session->expiration;
        authorized.tofu_token = boundary::new_tofu_token();
        SessionSecrets secrets;
        secrets.authorization_token = authorized.token;
        secrets.tofu_token = authorized.tofu_token;
        held.authorization = vault_.put(held.cluster, held.id, secrets, authorized.expiration);
    }
    warn_unless(store_.session_answered(asked.id, held));
    if (!session) co_return co_await abandon(choice, authorized.session_id, session.error());
    co_return authorized;
}

// The session is over, or canceled: nothing is left to do about it.
void Agent::session_done(RunningProxy& proxy) {
    if (proxy.held_session.empty()) return;
    forget_session(proxy.settings ? proxy.settings->address : proxy.status.cluster,
                   proxy.held_session);
    proxy.held_session.clear();
    proxy.put_back = 0;
    if (!proxy.persistent()) return;
    count(proxy);
    const auto added = store_.add_session(proxy.spec.name);
    if (!added) log::warning("{}", added.error().message);
}

void Agent::forget_session(const std::string& cluster, const std::string& id) {
    vault_.forget(cluster, id);
    const auto forgotten = store_.forget_session(id);
    if (!forgotten) log::warning("{}", forgotten.error().message);
}

std::optional<SessionSecrets> Agent::secrets_of(const RunningProxy& proxy) {
    if (proxy.held_session.empty() || proxy.session_over || !proxy.settings) return std::nullopt;
    std::string open_part;
    const auto rows = store_.sessions();
    for (const auto& row : rows ? *rows : std::vector<state::SessionRecord>())
        if (row.id == proxy.held_session) open_part = row.authorization;
    return vault_.find(proxy.settings->address, proxy.held_session, open_part);
}

// Cancels at the controller what was authorized here and may still live; session_over says it then.
// Quiet when it was already.
awaitable<void> Agent::settle_session(std::shared_ptr<RunningProxy> proxy) {
    while (proxy->settling) co_await proxy->changed.wait(); // somebody is at it
    const std::string id = proxy->held_session;
    if (!proxy->settings || id.empty()) co_return;
    struct Settling {
        explicit Settling(RunningProxy& proxy) : proxy_(proxy) { proxy_.settling = true; }
        Settling(const Settling&) = delete;
        ~Settling() {
            proxy_.settling = false;
            proxy_.changed.notify_all();
        }
        RunningProxy& proxy_;
    } const settling(*proxy);
    ClusterChoice choice = choice_of(*proxy);
    const auto canceled = co_await cancel_session(std::move(choice), id, std::nullopt);
    if (canceled || canceled.error().status == 404) {
        if (!proxy->persistent() || proxy->ended) proxy->session_over = true;
        if (proxy->held_session == id)
            session_done(*proxy);
        else
            forget_session(proxy->settings->address, id);
        co_return;
    }
    if (proxy->held_session == id) proxy->held_session.clear(); // recover.cpp goes on with it
    (void)store_.set_session_state(id, "canceling");
    log::warning("session={} of proxy={} may live on: {}", id, proxy->status.name,
                 canceled.error().message);
}

} // namespace agent::core
