#include "proxy/local_peer.hpp"

#include "net/peer_owner.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/run_coroutine.hpp"
#include "support/socket_pair.hpp"
#include "unit/proxy/fault_stage.hpp"

#include <boost/asio/write.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

using namespace agent;
using namespace agent::test;
using proxy::PeerHold;

TEST_CASE(
    "local peer: a client that shut its write side holds its socket, one that closed does not") {
    boost::asio::io_context context;
    auto [client, accepted] = tcp_pair(context.get_executor());
    CHECK(proxy::peer_hold(accepted) == PeerHold::held);
    client.shutdown(tcp::socket::shutdown_send);
    CHECK(proxy::peer_hold(accepted) == PeerHold::held);
    client.close();
    CHECK(proxy::peer_hold(accepted) == PeerHold::gone);
}

TEST_CASE("local peer: a client of this machine that the kernel has forgotten is gone") {
    boost::asio::io_context context;
    auto [client, accepted] = tcp_pair(context.get_executor());
    const int a_second = 1;
    ::setsockopt(client.native_handle(), IPPROTO_TCP, TCP_LINGER2, &a_second, sizeof a_second);
    client.close();
    const auto far = accepted.remote_endpoint();
    const auto near = accepted.local_endpoint();
    REQUIRE(eventually([&] { return !net::find_socket_owner(far, near).owner; }));
    CHECK(proxy::peer_hold(accepted) == PeerHold::gone);
}

TEST_CASE("local peer: what a client sent that has closed before it was let in reaches no target") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        FaultStage stage(context, answer_one());
        const auto first = co_await stage.ask("hello");
        CHECK(first.bytes == "answer to hello\n");
        const auto before = stage.worker.accepted();
        {
            tcp::socket client(context);
            client.connect(
                tcp::endpoint(boost::asio::ip::address_v4::loopback(), stage.subject->port()));
            boost::asio::write(client, boost::asio::buffer("stray\n", 6));
        } // closed in the same turn: the proxy has not looked at it yet
        const auto second = co_await stage.ask("again");
        CHECK(second.bytes == "answer to again\n");
        CHECK(stage.subject->ledger().total() == 2);
        CHECK(stage.worker.accepted() <= before + 2); // one of them opened ahead of need
        co_await stage.end();
    });
}
