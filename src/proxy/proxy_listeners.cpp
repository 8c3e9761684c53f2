// Where a proxy listens: bound anew, taken over from a process before it, shared with agentd,
// waited for while somebody else has the port, and closed.

#include "proxy/proxy.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

#include <fcntl.h>

#include <algorithm>

namespace agent::proxy {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

// Below the range from which kernels take ports for outgoing connections: what is remembered should
// be free tomorrow.
constexpr std::uint16_t lowest_kept_port = 15'000;
constexpr std::uint16_t kept_ports = 15'000;

} // namespace

void Proxy::listen_on_tcp() {
    const auto bound = tcp_->local_endpoint();
    address_ = bound.address().to_string();
    port_ = bound.port();
    if (!bound.address().is_loopback())
        log::warning("listening on {}: open to other machines", address_);
    refusals_.rename("the proxy on port " + std::to_string(port_) + " is not shared");
    listeners_.spawn_lasting([this] { return accept_clients(*tcp_, *this); }, "accept tcp");
    enter(StateEvent::listening, Change::started,
          "listening on " + address_ + " port " + std::to_string(port_));
}

bool Proxy::admits(int socket, const tcp::endpoint& peer) {
    return options_.shared || admit(net::accepted_peer(socket, peer), peer.port());
}

// Its mode keeps others out already, and so do its folder's: unless somebody has changed them.
bool Proxy::admits(int socket, const boost::asio::local::stream_protocol::endpoint&) {
    return options_.shared || admit(net::local_peer(socket), 0);
}

bool Proxy::admit(const net::Peer& peer, std::uint16_t port) {
    if (net::may_enter(peer)) return true;
    if (refusals_.note(peer, port)) listeners_.spawn(refusals_.tell_later(), "refusals");
    return false;
}

Result<tcp::acceptor> Proxy::open_tcp(UniqueFd left) {
    if (!left) return bind_tcp();
    auto adopted =
        net::adopt_tcp(executor_, std::move(left), options_.listen_address, options_.listen_port);
    if (adopted) return adopted;
    log::warning("{}; listening anew", adopted.error().message);
    return bind_tcp();
}

Result<net::UnixListener> Proxy::open_unix(UniqueFd left) {
    if (!left) return net::listen_unix(executor_, options_.socket_path);
    auto adopted = net::adopt_unix(executor_, std::move(left), options_.socket_path);
    if (adopted) return adopted;
    log::warning("{}; listening anew", adopted.error().message);
    return net::listen_unix(executor_, options_.socket_path);
}

net::ListeningSockets Proxy::listening_sockets() {
    net::ListeningSockets sockets;
    if (tcp_) sockets.tcp.reset(::fcntl(tcp_->native_handle(), F_DUPFD_CLOEXEC, 0));
    if (unix_) sockets.local.reset(::fcntl(unix_->acceptor().native_handle(), F_DUPFD_CLOEXEC, 0));
    return sockets;
}

// Whoever else holds them, a port that nobody serves any more refuses: shut, not only closed.
void Proxy::close_listeners() {
    if (ending_->hand_over) {
        if (unix_) unix_->leave();
    } else {
        listening_sockets().shut();
    }
    tcp_.reset();
    unix_.reset();
}

// A port that nobody asked for is chosen: the token's default is where clients look, and a wish for
// a persistent proxy, which takes one that will probably be free at its next start as well.
Result<tcp::acceptor> Proxy::bind_tcp() {
    if (options_.listen_port != 0)
        return net::listen_tcp(executor_, options_.listen_address, options_.listen_port);
    const std::uint32_t wish =
        session() == nullptr ? 0 : session()->authorization().default_client_port;
    if (wish != 0 && wish <= 65535) {
        auto acceptor =
            net::listen_tcp(executor_, options_.listen_address, static_cast<std::uint16_t>(wish));
        if (acceptor || !options_.persistent || acceptor.error().code != Errc::listen_failed)
            return acceptor; // who wrote that port down is told, rather than given another
        log::warning("{}; taking another port", acceptor.error().message);
    }
    for (int tries = 0; options_.persistent && tries < 20; ++tries) {
        const auto port = static_cast<std::uint16_t>(lowest_kept_port + random_below(kept_ports));
        auto acceptor = net::listen_tcp(executor_, options_.listen_address, port);
        if (acceptor || acceptor.error().code != Errc::listen_failed) return acceptor;
    }
    return net::listen_tcp(executor_, options_.listen_address, 0);
}

awaitable<void> Proxy::take_port_back() {
    for (std::chrono::milliseconds pause = 250ms;;
         pause = std::min<std::chrono::milliseconds>(pause * 2, 4s)) {
        co_await async::sleep_for(pause);
        auto acceptor = bind_tcp();
        if (acceptor) {
            reason_ = model::Reason();
            tcp_.emplace(std::move(*acceptor));
            listen_on_tcp();
            co_return;
        }
        reason_.text = acceptor.error().message; // another process may hold it by now
    }
}

} // namespace agent::proxy
