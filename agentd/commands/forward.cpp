// Forward: a request to a controller as it is, with the login added.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"
#include "base/json_text.hpp"

namespace agentd {

using boost::asio::awaitable;

awaitable<agent::Result<ipc::Forward::Response>>
AgentCommands::handle(ipc::Forward::Request request, ipc::Progress<ipc::Forward>&) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    if (request.body && !request.body->is_object())
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "body must be an object");
    agent::core::ForwardOptions options;
    options.method = std::move(request.method);
    options.path = std::move(request.path);
    options.query = request.query.value_or("");
    if (request.body) options.body = agent::dump_json(*request.body);
    auto reply = co_await agent_.forward(std::move(*choice), std::move(options));
    if (!reply) co_return reply.error();
    ipc::Forward::Response response;
    response.status_code = reply->status;
    if (!reply->body.empty()) response.body = agent::raw_json(reply->body);
    agent::wipe(reply->body); // there may be a secret in it
    reply->body = std::string();
    co_return response;
}

} // namespace agentd
