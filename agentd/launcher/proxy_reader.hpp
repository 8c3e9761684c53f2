#pragma once
// What an agent-proxy says, in the words of src/model. One reader follows one agent-proxy.

#include "agent/proxy_launcher.hpp"
#include "agentd/launcher/old_proxy_reasons.hpp"
#include "ipc/messages/subscribe.hpp"

namespace agentd {

class ProxyReader {
  public:
    agent::core::ProxyStatus status_in(const ipc::Proxy& proxy);
    agent::core::ProxyChange change_in(ipc::Subscribe::Response reply);

  private:
    OldProxyReasons old_;
};

} // namespace agentd
