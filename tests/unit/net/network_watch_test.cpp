#include "net/network_watch.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

using namespace agent::net;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::byte>;

template <class T> void append(Bytes& bytes, const T& value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), begin, begin + sizeof value);
    bytes.resize(NLMSG_ALIGN(bytes.size()));
}

void append_attribute(Bytes& bytes, unsigned short type, std::uint32_t value) {
    append(bytes, rtattr{sizeof(rtattr) + sizeof value, type});
    append(bytes, value);
}

Bytes message(unsigned short type, const Bytes& body) {
    Bytes bytes;
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + body.size());
    header.nlmsg_type = type;
    append(bytes, header);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
}

Bytes address(unsigned short type, std::uint32_t value, std::uint32_t lifetime) {
    Bytes body;
    ifaddrmsg head{};
    head.ifa_family = AF_INET;
    head.ifa_index = 2;
    append(body, head);
    append_attribute(body, IFA_ADDRESS, value);
    append_attribute(body, IFA_CACHEINFO, lifetime);
    return message(type, body);
}

Bytes route(unsigned short type, std::uint32_t gateway, unsigned flags = 0) {
    Bytes body;
    rtmsg head{};
    head.rtm_family = AF_INET;
    head.rtm_flags = flags;
    append(body, head);
    append_attribute(body, RTA_GATEWAY, gateway);
    return message(type, body);
}

Bytes link(unsigned short type, unsigned flags) {
    Bytes body;
    ifinfomsg head{};
    head.ifi_index = 2;
    head.ifi_flags = flags;
    append(body, head);
    return message(type, body);
}

std::string taken(NetworkMemory& memory, const Bytes& bytes) {
    const auto change = memory.take(bytes);
    return std::string(change.gained ? "+" : "") + (change.lost ? "-" : "");
}

/// In a network of its own, whose only link is a loopback that is down.
bool enter_empty_network() {
    return ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

bool set_loopback(bool up) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = up ? IFF_UP : 0;
    const bool done = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return done;
}

/// What the child saw: 0 all as expected, else the number of the step.
int watch_own_network() {
    if (!enter_empty_network()) return 1;
    return agent::test::run([](boost::asio::io_context& context) -> agent::awaitable<int> {
        auto watch = NetworkWatch::open(context.get_executor());
        if (!watch) co_return 2;
        if (!set_loopback(true)) co_return 3;
        const auto up = co_await agent::async::with_timeout(watch->next(), 10s);
        if (!up || !up->gained) co_return 4;
        if (!set_loopback(false)) co_return 5;
        const auto down = co_await agent::async::with_timeout(watch->next(), 10s);
        if (!down || !down->lost) co_return 6;
        const auto quiet = co_await agent::async::with_timeout(watch->next(), 300ms);
        co_return quiet ? 7 : 0;
    });
}

} // namespace

TEST_CASE("network watch: a loopback that comes up and goes down is noticed") {
    const pid_t child = ::fork(); // a namespace cannot be left again
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(watch_own_network());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("network memory: what is new or gone counts, what is renewed does not") {
    NetworkMemory memory;
    CHECK(taken(memory, address(RTM_NEWADDR, 1, 600)) == "+");
    CHECK(taken(memory, address(RTM_NEWADDR, 1, 599)) == "");
    CHECK(taken(memory, address(RTM_NEWADDR, 2, 600)) == "+");
    CHECK(taken(memory, address(RTM_DELADDR, 1, 0)) == "-");
    CHECK(taken(memory, address(RTM_NEWADDR, 1, 600)) == "+");
    CHECK(taken(memory, route(RTM_NEWROUTE, 9)) == "+");
    CHECK(taken(memory, route(RTM_NEWROUTE, 9)) == "");
    CHECK(taken(memory, route(RTM_NEWROUTE, 9, RTM_F_CLONED)) == "");
    CHECK(taken(memory, route(RTM_DELROUTE, 9)) == "-");
}

TEST_CASE("network memory: a link counts when it begins or ceases to run") {
    NetworkMemory memory;
    CHECK(taken(memory, link(RTM_NEWLINK, IFF_UP | IFF_RUNNING)) == "+");
    CHECK(taken(memory, link(RTM_NEWLINK, IFF_UP | IFF_RUNNING | IFF_PROMISC)) == "");
    CHECK(taken(memory, link(RTM_NEWLINK, IFF_UP)) == "-");
    CHECK(taken(memory, link(RTM_NEWLINK, 0)) == "");
    CHECK(taken(memory, link(RTM_NEWLINK, IFF_UP | IFF_RUNNING)) == "+");
    CHECK(taken(memory, link(RTM_DELLINK, 0)) == "-");
}

TEST_CASE(
    "network memory: several messages of one datagram are one change, and a torn one ends it") {
    NetworkMemory memory;
    auto both = address(RTM_NEWADDR, 1, 600);
    const auto gone = route(RTM_DELROUTE, 9);
    both.insert(both.end(), gone.begin(), gone.end());
    CHECK(taken(memory, both) == "+-");
    auto torn = address(RTM_NEWADDR, 5, 600);
    torn.resize(torn.size() - 4);
    CHECK(taken(memory, torn) == "");
    CHECK(taken(memory, Bytes(3)) == "");
    for (std::size_t size = 0; size < both.size(); ++size)
        (void)memory.take(std::span(both).first(size)); // reads nothing behind the end
}
