#include "net/dial.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

using namespace agent;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

net::Endpoint to(std::string host, std::uint16_t port) {
    net::Endpoint endpoint;
    endpoint.host = std::move(host);
    endpoint.port = port;
    return endpoint;
}

/// A listener whose queue is full drops further SYNs, as a packet-eating firewall does.
struct Deaf {
    explicit Deaf(boost::asio::io_context& context) : acceptor(context) {
        acceptor.open(tcp::v4());
        acceptor.bind(tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        acceptor.listen(0);
        address = acceptor.local_endpoint();
        for (int i = 0; i < 4; ++i) {
            queue.emplace_back(context);
            queue.back().open(tcp::v4());
            queue.back().native_non_blocking(true);
            (void)::connect(queue.back().native_handle(), address.data(),
                            socklen_t(address.size()));
        }
    }
    tcp::acceptor acceptor;
    tcp::endpoint address;
    std::vector<tcp::socket> queue;
};

} // namespace

TEST_CASE("dial: a listening port is reached by name, without Nagle's delay") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        auto endpoint = to("localhost", acceptor.local_endpoint().port());
        const auto socket = co_await net::dial(std::move(endpoint), 5s, net::DialErrors{});
        REQUIRE(socket.has_value());
        tcp::no_delay no_delay;
        socket->get_option(no_delay);
        CHECK(no_delay.value());
        CHECK(socket->native_non_blocking());
    });
}

TEST_CASE("dial: a refusal names the address and the hop it was given") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        std::uint16_t port = 0;
        {
            tcp::acceptor acceptor(context,
                                   tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
            port = acceptor.local_endpoint().port();
        }
        auto endpoint = to("127.0.0.1", port);
        net::DialErrors errors;
        errors.code = Errc::endpoint_unreachable;
        errors.hop = Hop::target;
        const auto socket = co_await net::dial(std::move(endpoint), 5s, errors);
        REQUIRE_FALSE(socket.has_value());
        CHECK(socket.error().code == Errc::endpoint_unreachable);
        CHECK(socket.error().hop == Hop::target);
        CHECK(socket.error().message ==
              "dial 127.0.0.1:" + std::to_string(port) + ": connection refused");
    });
}

TEST_CASE("dial: an address that answers nothing is given up at the limit") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        const Deaf deaf(context);
        auto endpoint = to("127.0.0.1", deaf.address.port());
        const auto before = std::chrono::steady_clock::now();
        const auto socket = co_await net::dial(std::move(endpoint), 200ms, net::DialErrors{});
        REQUIRE_FALSE(socket.has_value());
        CHECK(socket.error().message.ends_with("no answer within 0.2 s"));
        CHECK(std::chrono::steady_clock::now() - before < 15s);
    });
}

TEST_CASE("dial: an address that answers nothing takes no other one's time, and one that refuses "
          "none at all") {
    test::run([](boost::asio::io_context& context) -> awaitable<void> {
        const Deaf deaf(context);
        tcp::endpoint refusing;
        {
            tcp::acceptor gone(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
            refusing = gone.local_endpoint();
        }
        tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        std::vector<tcp::endpoint> addresses{deaf.address, refusing, acceptor.local_endpoint()};
        const auto socket =
            co_await net::dial(std::move(addresses), "dial worker", 30s, net::DialErrors{});
        REQUIRE(socket.has_value());
        CHECK(socket->remote_endpoint() == acceptor.local_endpoint());

        std::vector<tcp::endpoint> hopeless{refusing, refusing};
        const auto none =
            co_await net::dial(std::move(hopeless), "dial worker", 30s, net::DialErrors{});
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().message == "dial worker: connection refused");
        std::vector<tcp::endpoint> nothing;
        const auto nowhere =
            co_await net::dial(std::move(nothing), "dial worker", 30s, net::DialErrors{});
        REQUIRE_FALSE(nowhere.has_value());
        CHECK(nowhere.error().message == "dial worker: the name has no address");
    });
}

TEST_CASE("dial: a name that does not exist is told apart") {
    test::run([](boost::asio::io_context&) -> awaitable<void> {
        auto endpoint = to("no-such-host.invalid", 9202);
        const auto socket = co_await net::dial(std::move(endpoint), 10s, net::DialErrors{});
        REQUIRE_FALSE(socket.has_value());
        CHECK(socket.error().message.starts_with("dial no-such-host.invalid:9202: "));
        CHECK(socket.error().hop == Hop::worker);
    });
}
