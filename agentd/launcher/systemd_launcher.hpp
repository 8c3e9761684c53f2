#pragma once
// SystemdLauncher: starts each agent-proxy as an instance of agent-proxy@.service, with a control
// group and a sandbox of its own, when agentd itself is a service of the same manager. Where that
// fails once (no bus, no such unit, no user namespaces) it goes on with detached processes.

#include "agentd/launcher/detached_launcher.hpp"

namespace agentd {

class SystemdLauncher final : public agent::core::ProxyLauncher {
  public:
    /// `fallback` finds running proxies of either kind.
    SystemdLauncher(boost::asio::any_io_executor executor, std::string proxies_folder,
                    DetachedLauncher& fallback);

    agent::awaitable<agent::Result<std::unique_ptr<agent::core::ProxyHandle>>> launch() override;
    agent::awaitable<std::vector<agent::core::AdoptedProxy>> adopt() override;

  private:
    boost::asio::any_io_executor executor_;
    std::string proxies_folder_;
    DetachedLauncher& fallback_;
    bool usable_;
};

} // namespace agentd
