// Every way on which a client of this machine can come to a listener, as the listener's user, as
// root and as somebody else: another user gets nothing, whatever address it comes from. In network
// namespaces of its own. Only root can be several users, so CMake registers this for root alone;
// the agent runs as an ordinary user nevertheless.

#include "net/peer.hpp"
#include "proxy/local_peer.hpp"
#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "support/two_networks.hpp"
#include "system/second_user_ways.hpp"
#include "system/users.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <csignal>
#include <thread>

using namespace agent::test;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

namespace {

constexpr uid_t own_user = 64'033;
constexpr uid_t other_user = 64'034;

void run_ip(std::vector<std::string> words, std::vector<std::string> prefix = {}) {
    prefix.push_back("/sbin/ip");
    prefix.insert(prefix.end(), words.begin(), words.end());
    const auto ended = run_program(std::move(prefix),
                                   {.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
}

/// A machine with addresses on a network, and somebody else there.
struct Machine {
    TwoNetworks networks;
    bool with_v6 = false;

    Machine() {
        with_v6 = !read_text("/proc/net/if_inet6").empty();
        if (!with_v6) {
            WARN("this machine has no IPv6, so only IPv4 was tried");
            return;
        }
        for (const auto& address : {lan6 + "/64", std::string("fe80::77/64")})
            run_ip({"addr", "add", address, "dev", "near", "nodad"});
        run_ip({"addr", "add", "fd77::2/64", "dev", "far", "nodad"}, networks.far_prefix());
        run_ip({"addr", "add", "fe80::78/64", "dev", "far", "nodad"}, networks.far_prefix());
    }
    std::vector<std::string> listeners() const {
        if (!with_v6) return {"127.0.0.1", "0.0.0.0", lan4};
        return {"127.0.0.1", "::1", "0.0.0.0", "::", lan4, lan6, link_local};
    }
};

struct Tally {
    int tried = 0;
    int let_in = 0;
};

/// Each way's letter must be `wanted`, where the kernel lets it through at all.
Tally check_all(const std::vector<Way>& ways, const std::string& letters, Got wanted,
                const std::string& who) {
    Tally tally;
    REQUIRE(letters.size() == ways.size());
    for (std::size_t i = 0; i < ways.size(); ++i) {
        if (letters[i] == static_cast<char>(Got::unreachable)) continue;
        INFO(who << ": " << ways[i].text());
        CHECK(letters[i] == static_cast<char>(wanted));
        ++tally.tried;
        tally.let_in += letters[i] == static_cast<char>(Got::bytes);
    }
    return tally;
}

} // namespace

TEST_CASE("second user: whatever address a client comes from, only the proxy's user and root get "
          "through") {
    INFO("this test becomes other users, which needs root");
    REQUIRE(::geteuid() == 0);
    const Machine machine;
    LoopbackServer target(serve_greeting("welcome"));
    const OrdinaryUser ordinary(own_user);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    Tally others;
    int admitted = 0;
    for (const auto& listener : machine.listeners()) {
        const auto proxy =
            world.connect_detached({"-target-id", target_id, "-listen-addr", listener});
        const auto port = proxy.at("port").get<std::uint16_t>();
        INFO("a proxy on " << listener);
        const auto ways = ways_to(listener);
        const auto all = [&] { return try_ways(ways, port); };
        admitted += check_all(ways, as_user(own_user, all), Got::bytes, "its own user").let_in;
        admitted += check_all(ways, as_user(0, all), Got::bytes, "root").let_in;
        const auto tally = check_all(ways, as_user(other_user, all), Got::nothing, "another user");
        others.tried += tally.tried;
        others.let_in += tally.let_in;

        // Who is on another machine, or in another network namespace, comes as far as the listener
        // was opened.
        const auto from_afar = ways_from_afar(listener);
        const auto letters = as_user(
            other_user, [&] { return try_ways(from_afar, port); }, machine.networks.far_process());
        const bool open = listener != "127.0.0.1" && listener != "::1";
        CHECK((check_all(from_afar, letters, Got::bytes, "another machine").tried > 0) == open);
    }
    INFO("another user: let in on " << others.let_in << " ways of " << others.tried);
    CHECK(others.let_in == 0);
    CHECK(others.tried > 25);
    CHECK(admitted == 2 * others.tried); // the kernel lets everybody try the same
}

TEST_CASE("second user: whatever address a client comes from, the console answers only its user "
          "and root") {
    INFO("this test becomes other users, which needs root");
    REQUIRE(::geteuid() == 0);
    const Machine machine;
    const OrdinaryUser ordinary(own_user);
    DevEnvironment world;
    world.login();
    const auto console = world.agentctl_json({"console", "-no-open"});
    const auto address = console.at("address").get<std::string>();
    const auto colon = address.find(':', std::string("http:").size());
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
    const auto ways = ways_to("127.0.0.1");
    const std::string ask =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
    const auto all = [&] { return try_ways(ways, port, ask); };
    check_all(ways, as_user(own_user, all), Got::bytes, "its own user");
    check_all(ways, as_user(0, all), Got::bytes, "root");
    CHECK(check_all(ways, as_user(other_user, all), Got::nothing, "another user").tried > 5);
    ::kill(console.at("pid").get<pid_t>(), SIGTERM);
}

TEST_CASE("second user: who comes from another machine is a guest, and none of ours that has gone "
          "is taken for one") {
    INFO("this test makes network namespaces");
    const Machine machine;
    std::thread(
        [&] { // the kernel is asked over sockets of a thread's own, which belong to its network
            boost::asio::io_context context;
            tcp::acceptor acceptor(context, tcp::endpoint(make_address(lan4), 0));
            const auto here = acceptor.local_endpoint();
            const auto kind = [](tcp::socket& accepted, const tcp::endpoint& from) {
                return agent::net::accepted_peer(accepted.native_handle(), from).kind;
            };

            tcp::socket guest(context);
            machine.networks.in_far([&] { guest.connect(here); });
            auto accepted = acceptor.accept();
            CHECK(kind(accepted, accepted.remote_endpoint()) == agent::net::PeerKind::remote);
            CHECK(agent::proxy::peer_hold(accepted) == agent::proxy::PeerHold::unknown);

            tcp::socket ours(context, tcp::v4());
            ours.bind(tcp::endpoint(make_address(lan4), 0));
            ours.connect(here);
            accepted = acceptor.accept();
            const auto from = accepted.remote_endpoint();
            CHECK(kind(accepted, from) == agent::net::PeerKind::own);
            CHECK(agent::proxy::peer_hold(accepted) == agent::proxy::PeerHold::held);
            const int a_second = 1;
            ::setsockopt(ours.native_handle(), IPPROTO_TCP, TCP_LINGER2, &a_second,
                         sizeof a_second);
            ours.close();
            CHECK(kind(accepted, from) == agent::net::PeerKind::unheld);
            CHECK(eventually([&] { return !agent::net::find_socket_owner(from, here).owner; }));
            CHECK(kind(accepted, from) == agent::net::PeerKind::unheld);
            CHECK(agent::proxy::peer_hold(accepted) == agent::proxy::PeerHold::gone);
            CHECK(agent::net::where_is(make_address(lan4)) == agent::net::Whereabouts::here);
            CHECK(agent::net::where_is(make_address("10.77.0.2")) ==
                  agent::net::Whereabouts::elsewhere);
            CHECK(agent::net::where_is(make_address("192.0.2.1")) ==
                  agent::net::Whereabouts::unknown); // no route
        })
        .join();
}
