#include "agent/agent.hpp"

#include "agent/session/expiring.hpp"
#include "base/log.hpp"

namespace agent::core {

namespace {
constexpr std::size_t max_clients = 32; // clusters with open connections at once
}

Agent::Agent(boost::asio::any_io_executor executor, keyring::Logins& logins, Clusters& clusters,
             ProxyLauncher& launcher, ListenerStore& listener_store, state::StateStore& store,
             PingPace ping)
    : executor_(executor), logins_(logins), clusters_(clusters), launcher_(launcher), store_(store),
      events_(executor), listeners_(listener_store), pings_(proxies_, tasks_, ping),
      expiry_(executor, events_, [this] { return what_expires(); }), recover_now_(executor),
      opened_(executor), tasks_(executor) {
    events_.record_with([this](const AgentEvent& event) {
        if (event.kind.starts_with("connection-") || event.kind == "proxy-changed")
            return; // too many to remember
        const state::EventRecord row{event.time, event.kind, event.proxy ? event.proxy->name : "",
                                     event.message};
        const auto written = store_.add_event(row);
        if (!written) log::warning("{}", written.error().message);
    });
}

void Agent::leave_controllers() {
    leaving_ = true;
    for (const auto& [settings, client] : clients_) client->close();
}

awaitable<std::vector<Expiring>> Agent::what_expires() {
    co_await logins_.ready();
    co_return expiring(logins_, proxies_);
}

awaitable<void> Agent::stop() {
    for (const auto& [name, proxy] : proxies_.all()) count(*proxy);
    co_await tasks_.stop();
}

std::shared_ptr<controller::Client> Agent::client_of(const controller::ClusterSettings& settings) {
    const auto found = clients_.find(settings);
    if (found != clients_.end()) return found->second;
    if (clients_.size() == max_clients)
        std::erase_if(clients_, [](const auto& one) { return one.second.use_count() == 1; });
    const auto client =
        clients_.emplace(settings, std::make_shared<controller::Client>(executor_, settings))
            .first->second;
    if (leaving_) client->close();
    return client;
}

Error Agent::in_cluster(const ClusterChoice& choice, Error error) {
    if (!choice.cluster_name.empty())
        error.message = "cluster " + choice.cluster_name + ": " + error.message;
    return error;
}

awaitable<Result<Secret>> Agent::token_of(ClusterChoice choice) {
    if (choice.token) co_return *choice.token;
    if (!choice.use_stored_login) co_return Secret();
    const keyring::Key key{choice.settings.address, choice.token_name};
    auto stored = co_await logins_.find(key);
    if (!stored) co_return stored.error();
    if (!stored->has_value()) co_return co_await borrow_login(std::move(choice));
    const auto login = parse_secret_json(**stored);
    if (!login)
        co_return fail(Errc::keyring_failed, Hop::login, "the stored login is damaged",
                       "log in again: agentctl authenticate");
    co_return Secret(string_member(*login, "token"));
}

awaitable<Result<std::string>> Agent::resolve_self(ClusterChoice choice, std::string resource,
                                                   std::string id) {
    if (resource != "auth-tokens" || id != "self") co_return id;
    const auto token = co_await token_of(choice);
    if (!token) co_return token.error();
    if (token->empty())
        co_return fail(Errc::login_needed, Hop::login,
                       "there is no login for " + choice.settings.address,
                       "log in: agentctl authenticate");
    const auto text = token->reveal();
    std::string public_part(text.substr(0, text.find('_', text.find('_') + 1)));
    co_return public_part;
}

awaitable<Result<controller::Reply>> Agent::ask(ClusterChoice choice, controller::Request request) {
    auto token = co_await token_of(choice);
    if (!token) co_return token.error();
    const bool anonymous = token->empty();
    request.token = std::move(*token);
    const auto client = client_of(choice.settings);
    auto reply = co_await client->send(std::move(request));
    if (!reply) co_return in_cluster(choice, reply.error());
    if (reply->ok()) co_return reply;
    Error error = controller::error_of(*reply);
    if (anonymous && (reply->status == 401 || reply->status == 403))
        error.hint = "there is no login for " + choice.settings.address + ": agentctl authenticate";
    co_return error;
}

Result<ItemReply> Agent::item_of(const controller::Reply& reply) {
    ItemReply item;
    item.status = reply.status;
    auto json =
        parse_json(reply.body.empty() ? std::string_view("{}") : std::string_view(reply.body));
    if (!json) return json.error();
    item.item = std::move(*json);
    return item;
}

} // namespace agent::core
