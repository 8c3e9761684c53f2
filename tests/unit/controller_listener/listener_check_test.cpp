// Who may be told a login on this machine: what the kernel shows of a connection, weighed. That
// nothing is sent is the affair of tests/system/foreign_listener_test.cpp.

#include "controller/listener_check.hpp"

#include "support/catch.hpp"
#include "support/socket_pair.hpp"

#include <boost/asio/io_context.hpp>

#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

using namespace agent;
using namespace agent::controller;
using boost::asio::ip::tcp;

namespace {

constexpr std::uint32_t self = 1000, root = 0, other = 1001;

net::Listener listener(std::uint32_t uid, std::uint64_t inode, bool on_device = false) {
    net::Listener one;
    one.uid = uid;
    one.inode = inode;
    one.on_device = on_device;
    return one;
}
std::optional<net::SocketOwner> accepted(std::uint32_t uid, std::uint64_t inode) {
    net::SocketOwner owner;
    owner.uid = uid;
    owner.inode = inode;
    return owner;
}
using Listeners = std::vector<net::Listener>;

std::optional<boost::asio::ip::address> address_of_this_machine() {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return std::nullopt;
    std::optional<boost::asio::ip::address> found;
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
        const auto* four = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
        const boost::asio::ip::address_v4 address(ntohl(four->sin_addr.s_addr));
        if (!address.is_loopback() && !found) found = address;
    }
    ::freeifaddrs(all);
    return found;
}

bool trusted(const Listeners& before, const Listeners& after,
             const std::optional<net::SocketOwner>& end) {
    return weigh_listeners(before, after, end, self).trusted;
}

} // namespace

TEST_CASE("listener check: this user and root are trusted, whether the connection is accepted yet "
          "or not") {
    for (const auto uid : {self, root}) {
        const Listeners one{listener(uid, 7)};
        CHECK(trusted(one, one, accepted(uid, 8)));
        CHECK(
            trusted(one, one,
                    accepted(0, 0))); // it waits to be accepted: the kernel gives it no number yet
        CHECK(trusted(one, one, std::nullopt));
        CHECK(trusted({}, one,
                      accepted(0, 0))); // began to listen between the question and the connection
        CHECK(trusted({}, {}, accepted(uid, 8)));
    }
}

TEST_CASE("listener check: another user is not, whatever of it is seen") {
    const Listeners foreign{listener(other, 7)}, own{listener(self, 9)};
    for (const auto& finding : {weigh_listeners(foreign, foreign, accepted(other, 8), self),
                                weigh_listeners(foreign, foreign, accepted(0, 0), self),
                                weigh_listeners({}, foreign, std::nullopt, self),
                                weigh_listeners(foreign, {}, accepted(other, 8), self)}) {
        CHECK_FALSE(finding.trusted);
        CHECK(finding.stranger == other);
    }
    CHECK_FALSE(trusted({}, {}, std::nullopt));
    CHECK_FALSE(trusted(foreign, {}, accepted(0, 0)));
    CHECK_FALSE(trusted({}, {listener(0, 0)}, accepted(0, 0))); // root by number only
    const Listeners both{listener(self, 9), listener(other, 7)};
    CHECK_FALSE(trusted(both, both, accepted(0, 0)));
    // It accepted and went away, and only then somebody trusted began to listen.
    CHECK_FALSE(trusted({}, own, accepted(other, 8)));
    CHECK_FALSE(trusted(foreign, own, accepted(other, 8)));
    // Beside a listener of one network device another one may take what comes by the next.
    const Listeners device{listener(root, 9, true)};
    CHECK_FALSE(trusted(device, device, accepted(other, 8)));
}

TEST_CASE(
    "listener check: a server that root started and that gave root up to accept is root's affair") {
    const Listeners master{listener(root, 7)};
    CHECK(trusted(master, master, accepted(33, 8)));
}

TEST_CASE("listener check: our own server passes") {
    boost::asio::io_context context;
    auto [client, server] = test::tcp_pair(context.get_executor());
    auto settings =
        settings_for("http://127.0.0.1:" + std::to_string(client.remote_endpoint().port())).value();
    const ListenerCheck check(settings);
    CHECK(check.weigh(client).has_value());
}

TEST_CASE("listener check: a name that means loopback and leads elsewhere is refused") {
    const auto own = address_of_this_machine();
    if (!own) {
        WARN("this machine has no address but loopback");
        return;
    }
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(*own, 0));
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    const std::string port = ":" + std::to_string(acceptor.local_endpoint().port());
    for (const std::string host : {"http://localhost", "http://db.LOCALHOST."}) {
        const auto named = settings_for(host + port).value();
        const auto refused = ListenerCheck(named).weigh(client);
        INFO(host);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == Errc::permission_denied);
    }
    const auto in_numbers = settings_for("http://" + own->to_string() + port).value();
    CHECK(ListenerCheck(in_numbers).weigh(client).has_value()); // our own listener, on this machine
    const auto secure = settings_for("https://localhost" + port).value();
    CHECK(ListenerCheck(secure).weigh(client).has_value());
}

TEST_CASE(
    "listener check: what is allowed is asked of nobody, and verified TLS speaks for itself") {
    auto settings = settings_for("https://127.0.0.1:9200").value();
    CHECK(verified(settings));
    settings.tls_insecure = true;
    CHECK_FALSE(verified(settings));
    const auto json = settings_to_json(settings_for("http://127.0.0.1:9200").value());
    CHECK_FALSE(json.contains("allow_foreign_listener"));
    auto allowed = settings_for("http://127.0.0.1:9200").value();
    allowed.allow_foreign_listener = true;
    const auto back = settings_from_json(settings_to_json(allowed));
    REQUIRE(back.has_value());
    CHECK(back->allow_foreign_listener);
    CHECK(*back == allowed);
}
