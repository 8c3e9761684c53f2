#include "agent/clusters/controllers.hpp"

namespace agent::core {
namespace {
constexpr std::size_t max_clients = 32; // clusters with open connections at once
}

std::shared_ptr<controller::Client>
Controllers::client_of(const controller::ClusterSettings& settings) {
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

void Controllers::forget_connections() {
    for (const auto& [settings, client] : clients_) client->forget_connections();
}

void Controllers::leave() {
    leaving_ = true;
    for (const auto& [settings, client] : clients_) client->close();
}

awaitable<Result<Secret>> Controllers::token_of(ClusterChoice choice) {
    if (choice.token) co_return *choice.token;
    if (!choice.use_stored_login) co_return Secret();
    const keyring::Key key{choice.settings.address, choice.token_name};
    auto stored = co_await logins_.find(key);
    if (!stored) co_return stored.error();
    if (!stored->has_value()) co_return co_await borrow_login(std::move(choice));
    const auto login = parse_secret_json(**stored);
    if (!login)
        co_return fail(Errc::keyring_failed, Hop::login, "the stored login is damaged",
                       "log in again: " + login_step(choice.settings.address));
    co_return Secret(string_member(*login, "token"));
}

awaitable<Result<std::string>> Controllers::resolve_self(ClusterChoice choice, std::string resource,
                                                         std::string id) {
    if (resource != "auth-tokens" || id != "self") co_return id;
    const auto token = co_await token_of(choice);
    if (!token) co_return token.error();
    if (token->empty()) co_return no_login(choice.settings.address);
    const auto text = token->reveal();
    std::string public_part(text.substr(0, text.find('_', text.find('_') + 1)));
    co_return public_part;
}

awaitable<Result<controller::Reply>> Controllers::ask(ClusterChoice choice,
                                                      controller::Request request) {
    auto token = co_await token_of(choice);
    if (!token) co_return token.error();
    const bool anonymous = token->empty();
    request.token = std::move(*token);
    const auto client = client_of(choice.settings);
    auto reply = co_await client->send(std::move(request));
    if (!reply) co_return in_cluster(choice, reply.error());
    if (reply->ok()) co_return reply;
    co_return refusal(choice, anonymous, controller::error_of(*reply));
}

awaitable<bool> Controllers::login_works(ClusterChoice choice) {
    const auto id = co_await resolve_self(choice, "auth-tokens", "self");
    if (!id) co_return id.error().code != Errc::login_needed;
    controller::Request request;
    request.path = "/v1/auth-tokens/" + controller::percent_encode(*id);
    const auto reply = co_await ask(std::move(choice), std::move(request));
    if (reply) co_return true;
    const Error& error = reply.error();
    co_return error.status != 401 && error.status != 403 && error.status != 404 &&
        error.code != Errc::login_needed;
}

Error in_cluster(const ClusterChoice& choice, Error error) {
    if (!choice.cluster_name.empty())
        error.message = "cluster " + choice.cluster_name + ": " + error.message;
    return error;
}

Result<ItemReply> item_of(const controller::Reply& reply) {
    ItemReply item;
    item.status = reply.status;
    auto json =
        parse_json(reply.body.empty() ? std::string_view("{}") : std::string_view(reply.body));
    if (!json) return json.error();
    item.item = std::move(*json);
    return item;
}

} // namespace agent::core
