#include "net/peer_owner.hpp"
#include "support/catch.hpp"
#include "support/socket_pair.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

using namespace agent;
using boost::asio::ip::tcp;

namespace {

std::uint64_t inode_of(tcp::socket& socket) {
    struct stat found{};
    ::fstat(socket.native_handle(), &found);
    return found.st_ino;
}

} // namespace

TEST_CASE("peer owner: our own loopback client is ours, by sock_diag and by /proc alike") {
    boost::asio::io_context context;
    auto [client, server] = test::tcp_pair(context.get_executor());
    const auto owner = net::find_socket_owner(server.remote_endpoint(), server.local_endpoint());
    REQUIRE(owner);
    CHECK(owner->uid == ::geteuid());
    CHECK(owner->inode == inode_of(client));
    const auto in_proc = net::find_socket_owner_in_proc(server.remote_endpoint(), server.local_endpoint());
    REQUIRE(in_proc);
    CHECK(in_proc->uid == owner->uid);
    CHECK(in_proc->inode == owner->inode);
}

TEST_CASE("peer owner: IPv6 loopback is found too") {
    boost::asio::io_context context;
    tcp::acceptor acceptor(context);
    boost::system::error_code ec;
    acceptor.open(tcp::v6(), ec);
    REQUIRE_FALSE(ec);
    acceptor.bind(tcp::endpoint(boost::asio::ip::address_v6::loopback(), 0));
    acceptor.listen();
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    const auto server = acceptor.accept();
    const auto owner = net::find_socket_owner(server.remote_endpoint(), server.local_endpoint());
    REQUIRE(owner);
    CHECK(owner->inode == inode_of(client));
    const auto in_proc = net::find_socket_owner_in_proc(server.remote_endpoint(), server.local_endpoint());
    REQUIRE(in_proc);
    CHECK(in_proc->inode == inode_of(client));
}

TEST_CASE("peer owner: a client that shut its write side still holds its socket, one that closed does not") {
    boost::asio::io_context context;
    auto [client, server] = test::tcp_pair(context.get_executor());
    const auto far = server.remote_endpoint();
    const auto near = server.local_endpoint();
    client.shutdown(tcp::socket::shutdown_send);
    const auto half = net::find_socket_owner(far, near);
    REQUIRE(half);
    CHECK(half->inode != 0);
    client.close();
    const auto closed = net::find_socket_owner(far, near);
    CHECK((!closed || closed->inode == 0));
}

TEST_CASE("peer owner: who listens on a port is named") {
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    CHECK(net::process_listening_on(acceptor.local_endpoint().port()) ==
          "net_test (pid " + std::to_string(::getpid()) + ")");
}
