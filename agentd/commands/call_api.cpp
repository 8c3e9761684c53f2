// CallApi: a typed request about the controller's resources.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"
#include "base/json_text.hpp"

namespace agentd {

using boost::asio::awaitable;

namespace {

agent::Result<agent::core::ApiOptions> api_words(ipc::CallApi::Request& request) {
    agent::core::ApiOptions options;
    options.operation = std::move(request.operation);
    options.collection = std::move(request.collection);
    options.id = request.id.value_or("");
    options.action = request.action.value_or("");
    if (request.query && !request.query->is_object())
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                           "query must be an object of texts");
    if (request.query)
        for (const auto& [name, value] : request.query->items()) {
            if (!value.is_string())
                return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                                   "query must be an object of texts");
            options.query.emplace_back(name, value.get<std::string>());
        }
    if (request.body) options.body = std::move(*request.body);
    return options;
}

} // namespace

awaitable<agent::Result<ipc::CallApi::Response>>
AgentCommands::handle(ipc::CallApi::Request request, ipc::Progress<ipc::CallApi>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    auto options = api_words(request);
    if (!options) co_return options.error();
    auto reply = co_await agent_.call_api(std::move(*choice), std::move(*options));
    if (!reply) co_return reply.error();
    ipc::CallApi::Response response;
    response.status_code = reply->status;
    if (!reply->body.empty()) response.body = agent::raw_json(reply->body);
    agent::wipe(reply->body); // an activation token may be in it
    reply->body = std::string();
    co_return response;
}

} // namespace agentd
