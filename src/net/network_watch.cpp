#include "net/network_watch.hpp"

#include "async/with_timeout.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/this_coro.hpp>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace agent::net {

using namespace std::chrono_literals;
using boost::asio::posix::stream_descriptor;

namespace {

constexpr auto together = 100ms; // one cable makes a dozen messages
constexpr std::size_t most_known = 4096;

template <class T> bool read(std::span<const std::byte> bytes, T& value) {
    if (bytes.size() < sizeof value) return false;
    std::memcpy(&value, bytes.data(), sizeof value);
    return true;
}

std::string as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The attributes of these types, in the message's order.
template <class Wanted> std::string attributes(std::span<const std::byte> bytes, Wanted wanted) {
    std::string text;
    rtattr attribute;
    while (read(bytes, attribute) && attribute.rta_len >= sizeof attribute &&
           attribute.rta_len <= bytes.size()) {
        if (wanted(attribute.rta_type)) text += as_text(bytes.first(attribute.rta_len));
        bytes = bytes.subspan(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), bytes.size()));
    }
    return text;
}

bool tells_addresses_apart(unsigned short type) {
    return type == IFA_ADDRESS || type == IFA_LOCAL;
}

bool tells_routes_apart(unsigned short type) {
    return type == RTA_DST || type == RTA_GATEWAY || type == RTA_OIF || type == RTA_PRIORITY ||
           type == RTA_TABLE;
}

} // namespace

NetworkChange NetworkMemory::note(bool is_there, std::string key) {
    NetworkChange change;
    if (known_.size() >= most_known) known_.clear(); // a router: then everything counts again
    if (is_there)
        change.gained = known_.insert(std::move(key)).second;
    else {
        known_.erase(key);
        change.lost = true;
    }
    return change;
}

NetworkChange NetworkMemory::take(std::span<const std::byte> datagram) {
    NetworkChange all;
    nlmsghdr header;
    while (read(datagram, header) && header.nlmsg_len >= sizeof header &&
           header.nlmsg_len <= datagram.size()) {
        const auto body = datagram.first(header.nlmsg_len).subspan(NLMSG_HDRLEN);
        NetworkChange change;
        ifaddrmsg address;
        rtmsg route;
        ifinfomsg link;
        switch (header.nlmsg_type) {
        case RTM_NEWADDR:
        case RTM_DELADDR:
            if (!read(body, address)) break;
            change = note(
                header.nlmsg_type == RTM_NEWADDR,
                "a" + std::to_string(address.ifa_index) +
                    attributes(body.subspan(NLMSG_ALIGN(sizeof address)), tells_addresses_apart));
            break;
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
            if (!read(body, route) || (route.rtm_flags & RTM_F_CLONED) != 0) break; // a cache entry
            change = note(
                header.nlmsg_type == RTM_NEWROUTE,
                "r" + std::to_string(route.rtm_family) + "/" + std::to_string(route.rtm_dst_len) +
                    attributes(body.subspan(NLMSG_ALIGN(sizeof route)), tells_routes_apart));
            break;
        case RTM_NEWLINK:
        case RTM_DELLINK: {
            if (!read(body, link)) break;
            const bool runs = header.nlmsg_type == RTM_NEWLINK && (link.ifi_flags & IFF_UP) != 0 &&
                              (link.ifi_flags & IFF_RUNNING) != 0;
            const auto [known, is_new] = links_.try_emplace(link.ifi_index, !runs);
            (runs ? change.gained : change.lost) = is_new || known->second != runs;
            known->second = runs;
            if (header.nlmsg_type == RTM_DELLINK) links_.erase(known);
            break;
        }
        default:
            break;
        }
        all.gained |= change.gained;
        all.lost |= change.lost;
        datagram =
            datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
    }
    return all;
}

Result<NetworkWatch> NetworkWatch::open(boost::asio::any_io_executor executor) {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!socket) return fail_errno(Errc::environment, Hop::local, "rtnetlink", errno);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                        RTMGRP_IPV6_ROUTE;
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(Errc::environment, Hop::local, "rtnetlink", errno);
    return NetworkWatch(stream_descriptor(executor, socket.release()));
}

NetworkChange NetworkWatch::read_waiting() {
    NetworkChange all;
    std::array<std::byte, 16384> buffer;
    for (;;) {
        sockaddr_nl from{};
        socklen_t length = sizeof from;
        const auto n = ::recvfrom(socket_.native_handle(), buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == ENOBUFS) { // it had more to say than fits: anything may have happened
            all.gained = all.lost = true;
            continue;
        }
        if (n <= 0) return all;
        if (from.nl_pid != 0) continue; // not the kernel
        const auto change = memory_.take(std::span(buffer).first(static_cast<std::size_t>(n)));
        all.gained |= change.gained;
        all.lost |= change.lost;
    }
}

awaitable<NetworkChange> NetworkWatch::next() {
    for (;;) {
        const auto [ec] = co_await socket_.async_wait(stream_descriptor::wait_read, async::token);
        if (ec) co_return NetworkChange{};
        auto change = read_waiting();
        if (!change.any()) continue;
        co_await async::sleep_for(together);
        const auto rest = read_waiting();
        change.gained |= rest.gained;
        change.lost |= rest.lost;
        co_return change;
    }
}

} // namespace agent::net
