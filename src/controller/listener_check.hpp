#pragma once
// The question before a login leaves for a controller on this machine: who listens there? Any user
// may be the first at a port or make a socket. It must be this user or root, unless the settings
// say that another one is meant; where TLS verifies the controller, its certificate answers better.
// Used by connection.cpp.

#include "base/result.hpp"
#include "controller/cluster_settings.hpp"
#include "net/listeners.hpp"
#include "net/peer_owner.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace agent::controller {

class ListenerCheck {
  public:
    /// Before the connection is made: looks at who listens.
    explicit ListenerCheck(const ClusterSettings& settings);
    /// After it, and before anything is sent. Errc::permission_denied names who listens.
    Status weigh(const boost::asio::ip::tcp::socket& socket) const;
    /// Of a Unix socket's descriptor.
    Status weigh_unix(int descriptor) const;

  private:
    const ClusterSettings& settings_;
    bool asks_;
    std::vector<net::Listener> before_;
};

/// Whose connection it is, as far as the kernel shows it.
struct ListenerFinding {
    bool trusted = false;
    std::optional<std::uint32_t> stranger; ///< who has it instead; nullopt: the kernel does not say
};

/// `before`, `after`: who listened before the connection was made, and who does since; `accepted`:
/// the controller's end of it, looked up after `after`.
ListenerFinding weigh_listeners(const std::vector<net::Listener>& before,
                                const std::vector<net::Listener>& after,
                                const std::optional<net::SocketOwner>& accepted,
                                std::uint32_t self);

} // namespace agent::controller
