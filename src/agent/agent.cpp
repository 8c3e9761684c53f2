#include "agent/agent.hpp"

#include "agent/session/expiring.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace agent::core {
namespace {

bool carry(const Proxies& proxies, const std::string& session_id) {
    return std::ranges::any_of(proxies.all(), [&](const auto& one) {
        return one.second->held_session == session_id ||
               one.second->status.session_id == session_id;
    });
}

} // namespace

Agent::Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
             ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
             PingPace ping)
    : executor_(executor), logins_(logins), clusters_(clusters), launcher_(launcher), store_(store),
      controllers_(executor, logins, clusters,
                   [this](const ClusterChoice& choice) { login_refused(choice); }),
      events_(executor), session_calls_(controllers_, events_,
                                        [this](const Json& session) { notice_session(session); }),
      ledger_(executor, controllers_, session_calls_, logins, store,
              [this](const std::string& id) { return carry(proxies_, id); }),
      listeners_(listener_store), pings_(proxies_, tasks_, ping),
      expiry_(executor, events_, [this] { return expiring(logins_, proxies_); }), opened_(executor),
      tasks_(executor) {
    events_.record_with([this](const AgentEvent& event) {
        if (!history_.remembers(event)) return;
        const state::EventRecord row{event.time, std::string(name_of(event.kind)),
                                     event.proxy ? event.proxy->name : "", event.message};
        const auto written = store_.add_event(row);
        if (!written) log::warning("{}", written.error().message);
    });
}

void Agent::leave_controllers() {
    controllers_.leave();
}

awaitable<void> Agent::stop() {
    for (const auto& [name, proxy] : proxies_.all()) count(*proxy);
    co_await tasks_.stop();
}

awaitable<Result<Authenticated>> Agent::authenticate(ClusterChoice choice,
                                                     Credentials credentials) {
    const std::string as = choice.settings.address + " as " + choice.token_name;
    auto done = co_await verbs::authenticate(controllers_, logins_, std::move(choice),
                                             std::move(credentials));
    if (!done) co_return done;
    if (done->stored) {
        logged_in();
        expiry_.look_again();
        held_changed();
    }
    events_.publish(EventKind::login, "logged in at " + as);
    co_return done;
}

awaitable<Result<controller::ItemList>> Agent::list(ClusterChoice choice, ListWords words,
                                                    controller::PageObserver* observer) {
    return verbs::list(controllers_, std::move(choice), std::move(words), observer);
}

awaitable<Result<ItemReply>> Agent::read(ClusterChoice choice, std::string resource,
                                         std::string id) {
    return verbs::read(controllers_, session_calls_, std::move(choice), std::move(resource),
                       std::move(id));
}

awaitable<Result<int>> Agent::delete_resource(ClusterChoice choice, std::string resource,
                                              std::string id) {
    const std::string address = choice.settings.address;
    auto real_id = co_await controllers_.resolve_self(choice, resource, std::move(id));
    if (!real_id) co_return real_id.error();
    const auto status =
        co_await verbs::delete_resource(controllers_, std::move(choice), resource, *real_id);
    if (status && resource == "auth-tokens") co_await auth_token_deleted(address, *real_id);
    co_return status;
}

awaitable<Result<controller::Reply>> Agent::call_api(ClusterChoice choice, ApiWords words) {
    const bool deletes = words.operation == "delete" && words.collection == "auth-tokens";
    const std::string address = choice.settings.address;
    auto id = co_await controllers_.resolve_self(choice, words.collection, words.id);
    if (!id) co_return id.error();
    words.id = *id;
    auto reply =
        co_await verbs::call_api(controllers_, session_calls_, std::move(choice), std::move(words));
    if (reply && deletes) co_await auth_token_deleted(address, *id);
    co_return reply;
}

awaitable<Result<controller::Reply>> Agent::forward(ClusterChoice choice, ForwardWords words) {
    constexpr std::string_view tokens = "/v1/auth-tokens/";
    std::string deleted;
    if (words.method == "DELETE" && words.path.starts_with(tokens))
        deleted = words.path.substr(tokens.size());
    const std::string address = choice.settings.address;
    auto reply =
        co_await verbs::forward(controllers_, session_calls_, std::move(choice), std::move(words));
    if (reply && reply->ok() && !deleted.empty()) co_await auth_token_deleted(address, deleted);
    co_return reply;
}

awaitable<Result<ClusterChoice>> Agent::locate(ClusterChoice choice, TargetWords words) {
    return verbs::locate(controllers_, logins_, clusters_, std::move(choice), std::move(words));
}

awaitable<Result<ItemReply>> Agent::authorize_session(ClusterChoice choice, TargetWords words) {
    return ledger_.hand_out(std::move(choice), std::move(words));
}

awaitable<Result<ItemReply>> Agent::cancel_session(ClusterChoice choice, std::string id,
                                                   std::optional<std::int64_t> version) {
    return session_calls_.cancel(std::move(choice), std::move(id), version);
}

} // namespace agent::core
