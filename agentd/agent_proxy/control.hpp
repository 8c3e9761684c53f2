#pragma once
// Control: the verbs of org.agentd.Proxy, over the one proxy of this process. main.cpp puts it
// behind the control socket.

#include "agentd/agent_proxy/proxy_view.hpp"
#include "async/event.hpp"
#include "ipc/messages/proxy_commands.hpp"
#include "model/proxy_settings.hpp"
#include "proxy/proxy.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <string>

namespace agentd {

class Control final : public ipc::ProxyCommands {
  public:
    /// `connect_folder`: where the proxy's Unix socket goes, as NAME.sock.
    Control(boost::asio::any_io_executor executor, std::string connect_folder);

#include "ipc/messages/proxy_handlers.inc" // handle() of each verb

    bool served() const { return proxy_ != nullptr; }
    /// What Stop does; also for signals and for an agentd that never called Serve.
    void stop(agent::proxy::Proxy::Ending ending);
    /// Until the proxy has ended; without Serve, until stop() or `serve_limit`.
    boost::asio::awaitable<void> wait_ended(std::chrono::steady_clock::duration serve_limit);
    /// Until the last state has been told to somebody and every subscriber, at most `limit`.
    boost::asio::awaitable<void> wait_told(std::chrono::steady_clock::duration limit);

  private:
    struct ProxyEvent {
        std::string kind;
        std::string message;
        std::string session_id;
        agent::model::ReasonCode reason_code = agent::model::ReasonCode::none;
    };
    void note(agent::proxy::Change change, const std::string& message);
    boost::asio::awaitable<void> wait_served_or_stopped();
    boost::asio::awaitable<void> wait_all_told();
    ipc::Subscribe::Response present(const ProxyEvent& event) const;

    boost::asio::any_io_executor executor_;
    std::string connect_folder_;
    ipc::Serve::Request told_; ///< without the tokens
    agent::model::ProxySettings settings_;
    std::unique_ptr<agent::proxy::Proxy> proxy_;
    bool stopped_ = false;

    // The newest events, for subscribers to catch up with; the newest has number newest_.
    std::deque<ProxyEvent> events_;
    std::uint64_t newest_ = 0;
    agent::async::Event happened_; ///< also for what main waits for
    std::size_t subscribers_ = 0;
    bool told_the_end_ = false;
};

} // namespace agentd
