// Connect: start a proxy; with `more`, its steps as they begin.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"
#include "agentd/settings_message.hpp"

#include <boost/asio/this_coro.hpp>

namespace agentd {

using boost::asio::awaitable;

namespace {

class StepReplies final : public agent::core::ConnectObserver {
  public:
    explicit StepReplies(ipc::Progress<ipc::Connect>& progress) : progress_(progress) {}
    awaitable<agent::Status> progress(std::string step) override {
        if (!progress_.wants()) co_return agent::Status();
        ipc::Connect::Response reply;
        reply.progress = std::move(step);
        co_return co_await progress_.send(std::move(reply));
    }

  private:
    ipc::Progress<ipc::Connect>& progress_;
};

} // namespace

awaitable<agent::Result<ipc::Connect::Response>>
AgentCommands::handle(ipc::Connect::Request request, ipc::Progress<ipc::Connect>& progress) {
    // A caller that has gone is told of by `steps`: what was begun is taken back, not dropped where
    // it stands.
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    agent::core::ConnectOptions options;
    options.target = target_words(request);
    options.authorization_token = std::move(request.authorization_token).value_or(agent::Secret());
    options.name = request.name.value_or("");
    options.proxy_settings() = settings_in(request);
    options.inactive_timeout = std::max(options.inactive_timeout, std::chrono::milliseconds(0));
    options.reuse = request.reuse.value_or(false);
    options.persistent = request.keep.value_or(false);
    const auto after_cancel =
        agent::model::from_name<agent::model::AfterCancel>(request.after_cancel.value_or("ask"));
    if (after_cancel)
        options.after_cancel = *after_cancel;
    else
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "after_cancel must be \"ask\" or \"reauthorize\"");
    if (!options.persistent &&
        (options.eager || options.after_cancel != agent::model::AfterCancel::ask))
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "eager and after_cancel are for a proxy that is kept");
    if (request.ends_with_pid && (options.persistent || options.reuse))
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "ends_with_pid is for a proxy that is neither kept nor reused");
    auto process = tied_process(request.ends_with_pid);
    if (!process) co_return process.error();
    if (options.authorization_token.empty()) {
        choice = co_await agent_.locate(std::move(*choice), options.target);
        if (!choice) co_return choice.error();
    }
    StepReplies steps(progress);
    auto connected = co_await agent_.connect(std::move(*choice), std::move(options), steps);
    if (!connected) co_return connected.error();
    ipc::Connect::Response response;
    response.proxy = to_message(connected->proxy);
    tie(std::move(*process), request.ends_with_pid, *response.proxy);
    if (!connected->credentials.empty()) response.credentials = std::move(connected->credentials);
    co_return response;
}

} // namespace agentd
