#include "net/local_address.hpp"
#include "net/peer_owner.hpp"
#include "support/catch.hpp"
#include "support/socket_pair.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <thread>

using namespace agent;
using boost::asio::ip::tcp;

namespace {

std::uint64_t inode_of(tcp::socket& socket) {
    struct stat found{};
    ::fstat(socket.native_handle(), &found);
    return found.st_ino;
}

/// From now on socket(AF_NETLINK, …) fails in this process as on a kernel without it.
bool refuse_netlink() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{std::size(program), program};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return false;
    return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 && errno == EAFNOSUPPORT;
}

} // namespace

TEST_CASE("peer owner: our own loopback client is ours, by sock_diag and by /proc alike") {
    boost::asio::io_context context;
    auto [client, server] = test::tcp_pair(context.get_executor());
    const auto owner =
        net::find_socket_owner(server.remote_endpoint(), server.local_endpoint()).owner;
    REQUIRE(owner);
    CHECK(owner->uid == ::geteuid());
    CHECK(owner->inode == inode_of(client));
    const auto in_proc =
        net::find_socket_owner_in_proc(server.remote_endpoint(), server.local_endpoint()).owner;
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
    const auto owner =
        net::find_socket_owner(server.remote_endpoint(), server.local_endpoint()).owner;
    REQUIRE(owner);
    CHECK(owner->inode == inode_of(client));
    const auto in_proc =
        net::find_socket_owner_in_proc(server.remote_endpoint(), server.local_endpoint()).owner;
    REQUIRE(in_proc);
    CHECK(in_proc->inode == inode_of(client));
}

TEST_CASE("peer owner: an IPv4 client of a dual-stack listener, and an IPv6 socket that speaks "
          "IPv4, are found both ways") {
    boost::asio::io_context context;
    const bool client_is_v6 = GENERATE(false, true);
    tcp::acceptor acceptor(context, client_is_v6
                                        ? tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)
                                        : tcp::endpoint(boost::asio::ip::address_v6::any(), 0));
    const auto port = acceptor.local_endpoint().port();
    const auto v4 = boost::asio::ip::address_v4::loopback();
    tcp::socket client(context);
    if (client_is_v6)
        client.connect(
            tcp::endpoint(boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, v4), port));
    else
        client.connect(tcp::endpoint(v4, port));
    const auto server = acceptor.accept();
    CHECK(net::is_loopback(server.remote_endpoint().address()));
    const auto owner =
        net::find_socket_owner(server.remote_endpoint(), server.local_endpoint()).owner;
    REQUIRE(owner);
    CHECK(owner->inode == inode_of(client));
    const auto in_proc =
        net::find_socket_owner_in_proc(server.remote_endpoint(), server.local_endpoint()).owner;
    REQUIRE(in_proc);
    CHECK(in_proc->inode == inode_of(client));
}

TEST_CASE("peer owner: where the kernel refuses sock_diag, /proc answers") {
    boost::asio::io_context context;
    auto [client, server] = test::tcp_pair(context.get_executor());
    const auto far = server.remote_endpoint();
    const auto near = server.local_endpoint();
    const auto wanted = inode_of(client);
    const pid_t child = ::fork(); // the filter stays for good, so in a process of its own
    if (child == 0) {
        if (!refuse_netlink()) ::_exit(2);
        std::optional<net::SocketOwner> owner;
        std::thread([&] {
            owner = net::find_socket_owner(far, near).owner;
        }).join(); // without a socket from before
        ::_exit(owner && owner->inode == wanted && owner->uid == ::geteuid() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("peer owner: a client that shut its write side still holds its socket, one that closed "
          "does not") {
    boost::asio::io_context context;
    auto [client, server] = test::tcp_pair(context.get_executor());
    const auto far = server.remote_endpoint();
    const auto near = server.local_endpoint();
    client.shutdown(tcp::socket::shutdown_send);
    const auto half = net::find_socket_owner(far, near).owner;
    REQUIRE(half);
    CHECK(half->inode != 0);
    client.close();
    const auto closed = net::find_socket_owner(far, near).owner;
    CHECK((!closed || closed->inode == 0));
}

TEST_CASE("peer owner: who listens where a client was that has gone is not taken for it") {
    boost::asio::io_context context;
    tcp::acceptor other(context, tcp::v4());
    for (int tries = 0;; ++tries) { // the port is anybody's for a moment
        auto [client, server] = test::tcp_pair(context.get_executor());
        const auto far = server.remote_endpoint();
        const auto near = server.local_endpoint();
        client.set_option(
            boost::asio::socket_base::linger(true, 0)); // no TIME_WAIT: nothing is left of it
        client.close();
        boost::system::error_code taken;
        other.set_option(boost::asio::socket_base::reuse_address(true));
        other.bind(far, taken);
        if (taken) {
            REQUIRE(tries < 100);
            continue;
        }
        other.listen();
        const auto owner = net::find_socket_owner(far, near).owner;
        CHECK((!owner || owner->inode == 0));
        break;
    }
}

TEST_CASE("peer owner: who listens on a port is named") {
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    CHECK(net::process_listening_on(acceptor.local_endpoint().port()) ==
          "net_test (pid " + std::to_string(::getpid()) + ")");
}
