#include "net/listen.hpp"

#include "base/unix_socket.hpp"
#include "net/peer_owner.hpp"

#include <system_error>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;
using unix_socket = boost::asio::local::stream_protocol;

std::string listening_on(const std::string& address, std::uint16_t port) {
    return "listen on " + address + ":" + std::to_string(port);
}

Error cannot_listen(const tcp::endpoint& endpoint, const boost::system::error_code& ec) {
    const std::string address = endpoint.address().to_string();
    if (ec == boost::asio::error::address_in_use)
        return port_is_taken(address, endpoint.port(), process_listening_on(endpoint.port()));
    const std::string what = listening_on(address, endpoint.port());
    if (ec == boost::asio::error::access_denied)
        return fail_errno(Errc::listen_failed, Hop::local, what, ec.value(),
                          "Ports below 1024 are reserved.");
    return fail_errno(Errc::listen_failed, Hop::local, what, ec.value());
}

/// Other processes may come to hold the socket too. Asio takes one that it was given out of epoll
/// when it closes it; of one that it made itself it thinks that closing is enough, which then it is
/// not.
template <class Acceptor>
Acceptor known_to_others(Acceptor made, typename Acceptor::protocol_type protocol) {
    const auto executor = made.get_executor();
    return Acceptor(executor, protocol, made.release());
}

} // namespace

// "bind: address already in use": scripts of Boundary's users look for that.
Error port_is_taken(const std::string& address, std::uint16_t port, const std::string& holder) {
    return fail(Errc::listen_failed, Hop::local,
                listening_on(address, port) + ": bind: address already in use: the port is in use" +
                    (holder.empty() ? "" : " by " + holder),
                "Choose another port.");
}

Result<tcp::acceptor> listen_tcp(boost::asio::any_io_executor executor, const std::string& address,
                                 std::uint16_t port) {
    boost::system::error_code ec;
    const std::string literal = address.empty() || address == "localhost" ? "127.0.0.1" : address;
    const auto ip = boost::asio::ip::make_address(literal, ec);
    if (ec)
        return fail(Errc::invalid_argument, Hop::local,
                    "listen address \"" + address + "\" is no IP address", "Use 127.0.0.1 or ::1.");
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(boost::asio::socket_base::max_listen_connections, ec);
    if (ec) return cannot_listen(endpoint, ec);
    return known_to_others(std::move(acceptor), endpoint.protocol());
}

void UnixListener::close() {
    if (path_.empty()) return;
    boost::system::error_code ec;
    acceptor_.close(ec);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    path_.clear();
}

void UnixListener::leave() {
    boost::system::error_code ec;
    acceptor_.close(ec);
    path_.clear();
}

Result<UnixListener> listen_unix(boost::asio::any_io_executor executor,
                                 const std::filesystem::path& path) {
    auto socket = agent::listen_unix(path.string(), Present::may_be_served);
    if (!socket) return socket.error();
    return UnixListener({executor, unix_socket(), socket->release()}, path);
}

} // namespace agent::net
