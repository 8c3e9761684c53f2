#pragma once
// Which ports proxies of ours listen on: who is refused one of them hears the proxy's name, not
// that of one of the processes that hold its socket. There is one for this process; one thread uses
// it.

#include "agent/proxy_status.hpp"

#include <map>
#include <string>

namespace agentd {

class OwnPorts {
  public:
    static OwnPorts& known();

    /// As `who` (a handle) says at this moment; one that is blocked, or has no port, has none.
    void note(const void* who, const agent::core::ProxyStatus& status);
    void forget(const void* who) { places_.erase(who); }
    /// The proxy that listens there, or at every address; empty: none does.
    std::string holder(const std::string& address, std::int64_t port) const;

  private:
    struct Place {
        std::string name;
        std::string address;
        std::int64_t port = 0;
    };
    std::map<const void*, Place> places_;
};

} // namespace agentd
