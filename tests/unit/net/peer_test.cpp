#include "net/peer.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/socket_pair.hpp"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <thread>

using namespace agent;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using net::PeerKind;
using net::Whereabouts;

namespace {

PeerKind kind_of(tcp::socket& accepted) {
    return net::accepted_peer(accepted.native_handle(), accepted.remote_endpoint()).kind;
}

struct Connected {
    tcp::socket client;
    tcp::socket accepted;
};

/// A client at `source` of a listener on `listen`, at `target`.
Connected connect(boost::asio::io_context& context, const std::string& source,
                  const std::string& listen, const std::string& target) {
    tcp::acceptor acceptor(context, tcp::endpoint(make_address(listen), 0));
    tcp::socket client(context);
    const tcp::endpoint from(make_address(source), 0);
    client.open(from.protocol());
    client.bind(from);
    client.connect(tcp::endpoint(make_address(target), acceptor.local_endpoint().port()));
    auto accepted = acceptor.accept();
    return Connected{std::move(client), std::move(accepted)};
}

} // namespace

TEST_CASE("peer: who holds the socket decides, and a socket that nobody holds has no owner, "
          "whatever its uid says") {
    constexpr std::uint32_t self = 1000;
    const auto weigh = [](std::uint32_t uid, std::uint64_t inode) {
        return net::weigh_owner(net::SocketOwner{uid, inode}, self);
    };
    CHECK(weigh(self, 7).kind == PeerKind::own);
    CHECK(weigh(0, 7).kind == PeerKind::root);
    CHECK(weigh(1001, 7).kind == PeerKind::other);
    CHECK(weigh(1001, 7).uid == 1001);
    for (const std::uint32_t uid : {self, std::uint32_t(0), std::uint32_t(1001)})
        CHECK(weigh(uid, 0).kind == PeerKind::unheld);
}

TEST_CASE(
    "peer: one without a socket here is a guest only from elsewhere, and at no loopback address") {
    for (const auto where : {Whereabouts::here, Whereabouts::elsewhere, Whereabouts::unknown})
        CHECK_FALSE(net::may_enter(net::weigh_stranger(true, where)));
    CHECK_FALSE(net::may_enter(net::weigh_stranger(false, Whereabouts::here)));
    CHECK_FALSE(net::may_enter(net::weigh_stranger(false, Whereabouts::unknown)));
    CHECK(net::weigh_stranger(false, Whereabouts::elsewhere).kind == PeerKind::remote);
    CHECK(net::may_enter(net::weigh_stranger(false, Whereabouts::elsewhere)));
}

TEST_CASE("peer: only ours, root's and who comes over the network may enter") {
    CHECK(net::may_enter(net::Peer{PeerKind::own, 1000}));
    CHECK(net::may_enter(net::Peer{PeerKind::root, 0}));
    CHECK(net::may_enter(net::Peer{PeerKind::remote, 0}));
    CHECK_FALSE(net::may_enter(net::Peer{PeerKind::other, 1000}));
    CHECK_FALSE(net::may_enter(net::Peer{PeerKind::unheld, 0}));
    CHECK_FALSE(net::may_enter(net::Peer{}));
}

TEST_CASE("peer: ours is found from every address that it may come from") {
    boost::asio::io_context context;
    for (const std::string source : {"127.0.0.1", "127.1.2.3"})
        for (const std::string listen : {"127.0.0.1", "0.0.0.0", "::"}) {
            INFO(source << " to " << listen);
            auto pair = connect(context, source, listen, "127.0.0.1");
            CHECK(kind_of(pair.accepted) == PeerKind::own);
        }
    auto mapped = connect(context, "::ffff:127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1");
    CHECK(kind_of(mapped.accepted) == PeerKind::own);
    auto v6 = connect(context, "::1", "::", "::1");
    CHECK(kind_of(v6.accepted) == PeerKind::own);
}

TEST_CASE("peer: ours is found where it is bound to the loopback device") {
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(make_address("127.0.0.1"), 0));
    tcp::socket client(context, tcp::v4());
    if (::setsockopt(client.native_handle(), SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) != 0) {
        WARN("this kernel binds no socket to a device for us: " << errno);
        return;
    }
    client.connect(acceptor.local_endpoint());
    auto accepted = acceptor.accept();
    CHECK(kind_of(accepted) == PeerKind::own);
}

TEST_CASE("peer: a client that closed before it was looked at is nobody's") {
    boost::asio::io_context context;
    SECTION("politely") {
        auto [client, accepted] = test::tcp_pair(context.get_executor());
        client.close();
        CHECK(kind_of(accepted) == PeerKind::unheld);
    }
    SECTION("with a reset") {
        auto [client, accepted] = test::tcp_pair(context.get_executor());
        const auto from = accepted.remote_endpoint();
        client.set_option(boost::asio::socket_base::linger(true, 0));
        client.close();
        CHECK(net::accepted_peer(accepted.native_handle(), from).kind == PeerKind::unheld);
    }
    SECTION("so long ago that the kernel has forgotten it") {
        auto [client, accepted] = test::tcp_pair(context.get_executor());
        const int a_second = 1;
        ::setsockopt(client.native_handle(), IPPROTO_TCP, TCP_LINGER2, &a_second, sizeof a_second);
        client.close();
        const auto far = accepted.remote_endpoint();
        const auto near = accepted.local_endpoint();
        REQUIRE(test::eventually([&] { return !net::find_socket_owner(far, near).owner; }));
        CHECK(net::find_socket_owner(far, near).answered);
        CHECK(kind_of(accepted) == PeerKind::unheld);
    }
}

TEST_CASE("peer: one whose address was taken by another client meanwhile is not that one") {
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(make_address("127.0.0.1"), 0));
    const auto connect_from = [&](const tcp::endpoint& from) {
        tcp::socket client(context, tcp::v4());
        client.set_option(tcp::socket::reuse_address(true));
        client.bind(from);
        client.connect(acceptor.local_endpoint());
        return client;
    };
    auto first = connect_from(tcp::endpoint(make_address("127.0.0.1"), 0));
    const auto from = first.local_endpoint();
    auto accepted = acceptor.accept();
    first.set_option(boost::asio::socket_base::linger(true, 0));
    first.close();
    const auto second = connect_from(from);
    auto its_accepted = acceptor.accept();
    CHECK(net::accepted_peer(its_accepted.native_handle(), from).kind == PeerKind::own);
    CHECK(net::accepted_peer(accepted.native_handle(), from).kind ==
          PeerKind::unheld); // what the first sent is still there
}

TEST_CASE("peer: without a descriptor to ask with nobody is taken for a guest") {
    boost::asio::io_context context;
    auto [client, accepted] = test::tcp_pair(context.get_executor());
    const auto far = accepted.remote_endpoint();
    PeerKind found = PeerKind::own;
    bool answered = true;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    std::thread([&] { // it has no netlink socket from before
        rlimit none = before;
        none.rlim_cur = 3;
        ::setrlimit(RLIMIT_NOFILE, &none);
        found = net::accepted_peer(accepted.native_handle(), far).kind;
        answered =
            net::find_socket_owner(tcp::endpoint(make_address("192.0.2.1"), 1), far).answered;
        ::setrlimit(RLIMIT_NOFILE, &before);
    })
        .join();
    CHECK(found == PeerKind::unknown);
    CHECK_FALSE(answered);
}

TEST_CASE("peer: this machine's own addresses are known, and others are not") {
    CHECK(net::where_is(make_address("127.0.0.1")) == Whereabouts::here);
    CHECK(net::where_is(make_address("127.200.3.4")) == Whereabouts::here);
    CHECK(net::where_is(make_address("::ffff:127.0.0.1")) == Whereabouts::here);
    CHECK(net::where_is(make_address("192.0.2.77")) != Whereabouts::here);
    CHECK(net::where_is(make_address("2001:db8::77")) != Whereabouts::here);
}

TEST_CASE("peer: a Unix socket's other end is who connected it") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    CHECK(net::local_peer(ends[0]).kind == PeerKind::own);
    CHECK(net::local_peer(ends[0]).uid == ::geteuid());
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(net::local_peer(-1).kind == PeerKind::unknown);
}
