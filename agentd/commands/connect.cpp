// Connect: start a proxy; with `more`, its steps as they begin.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"

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
    agent::core::ConnectWords words;
    words.target = target_words(request);
    words.authorization_token = std::move(request.authorization_token).value_or(agent::Secret());
    words.name = request.name.value_or("");
    words.listen_address = request.listen_address.value_or("");
    words.listen_port = request.listen_port.value_or(0);
    words.inactive_timeout = std::chrono::milliseconds(
        std::max<std::int64_t>(request.inactive_timeout_ms.value_or(0), 0));
    words.shared = request.shared.value_or(false);
    words.no_warm = request.no_warm.value_or(false);
    if (request.keep_alive_ms) words.keep_alive = std::chrono::milliseconds(*request.keep_alive_ms);
    words.reuse = request.reuse.value_or(false);
    words.keep = request.keep.value_or(false);
    words.eager = request.eager.value_or(false);
    const std::string after_cancel = request.after_cancel.value_or("ask");
    words.reauthorize = after_cancel == "reauthorize";
    if (!words.reauthorize && after_cancel != "ask")
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "after_cancel must be \"ask\" or \"reauthorize\"");
    if (!words.keep && (words.eager || words.reauthorize))
        co_return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                              "eager and after_cancel are for a proxy that is kept");
    if (words.authorization_token.empty()) {
        choice = co_await agent_.locate(std::move(*choice), words.target);
        if (!choice) co_return choice.error();
    }
    StepReplies steps(progress);
    auto connected = co_await agent_.connect(std::move(*choice), std::move(words), steps);
    if (!connected) co_return connected.error();
    ipc::Connect::Response response;
    response.proxy = to_message(connected->proxy);
    if (!connected->credentials.empty()) response.credentials = std::move(connected->credentials);
    co_return response;
}

} // namespace agentd
