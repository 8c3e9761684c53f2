#pragma once
// ControlHandle: one agent-proxy through its control socket. The detached launcher makes them.

#include "agent/proxy_launcher.hpp"
#include "agentd/launcher/held_process.hpp"
#include "agentd/launcher/port_holder.hpp"
#include "agentd/launcher/proxy_reader.hpp"
#include "ipc/messages/stop.hpp"
#include "ipc/socket/client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace agentd {

class ControlHandle final : public agent::core::ProxyHandle {
  public:
    /// `process`: of the one that listens there; none where it could not be had, and is looked for
    /// when it is needed.
    ControlHandle(boost::asio::any_io_executor executor, std::string socket_path,
                  agent::Result<HeldProcess> process);
    ControlHandle(const ControlHandle&) = delete;
    ~ControlHandle() override;

    agent::awaitable<agent::Result<agent::core::ProxyStatus>>
    serve(agent::core::ProxySpec spec) override;
    agent::awaitable<agent::Result<agent::core::ProxyChange>> next_change() override;
    agent::awaitable<agent::Result<agent::core::ProxyStatus>>
    renew(agent::Secret authorization_token, agent::Secret tofu_token) override;
    agent::awaitable<agent::Result<agent::core::ProxyStatus>>
    hold(agent::core::Wait wait, agent::core::Reason reason, bool session_over) override;
    agent::awaitable<agent::Result<agent::core::ProxyStopped>> stop(agent::core::Reason reason,
                                                                    bool cancel_session) override;
    agent::awaitable<agent::Result<agent::core::ProxyStopped>>
    hand_over(agent::core::Reason reason) override;
    agent::awaitable<agent::Result<agent::net::ListeningSockets>> share_listeners() override;
    agent::awaitable<agent::Status> check(std::string reason) override;
    agent::awaitable<agent::Status> ping(std::chrono::milliseconds limit) override;
    agent::awaitable<agent::Result<bool>> kill(std::chrono::milliseconds patience) override;
    /// What it was told, for adoption.
    agent::awaitable<agent::Result<agent::core::AdoptedProxy>> describe();

  private:
    agent::awaitable<agent::Result<agent::core::ProxyStopped>> stop(ipc::Stop::Request request);
    agent::core::ProxyStatus read(const ipc::Proxy& message);
    template <class Verb>
    agent::awaitable<agent::Result<typename Verb::Response>>
    call(typename Verb::Request request, std::chrono::steady_clock::duration limit);

    boost::asio::any_io_executor executor_;
    std::string socket_path_;
    std::optional<HeldProcess> process_;
    agent::core::ProxyStatus noted(agent::core::ProxyStatus status);

    PortHolder holder_;
    ProxyReader reader_;
    std::unique_ptr<ipc::Client> stream_; ///< Subscribe's
};

} // namespace agentd
