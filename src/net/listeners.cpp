#include "net/listeners.hpp"

#include "base/unique_fd.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

namespace agent::net {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using boost::asio::ip::tcp;

boost::asio::ip::address address_of(const void* bytes, bool v4) {
    if (v4) {
        address_v4::bytes_type four;
        std::memcpy(four.data(), bytes, four.size());
        return address_v4(four);
    }
    address_v6::bytes_type six;
    std::memcpy(six.data(), bytes, six.size());
    const address_v6 address(six);
    if (address.is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address);
    return address;
}

Listener listener_of(const nlmsghdr& header, const char* body) {
    inet_diag_msg found;
    std::memcpy(&found, body, sizeof found);
    Listener listener;
    listener.at = tcp::endpoint(address_of(found.id.idiag_src, found.idiag_family == AF_INET),
                                ntohs(found.id.idiag_sport));
    listener.uid = found.idiag_uid;
    listener.inode = found.idiag_inode;
    listener.on_device = found.id.idiag_if != 0;
    std::size_t at = NLMSG_ALIGN(sizeof found);
    const std::size_t end = header.nlmsg_len - NLMSG_HDRLEN;
    while (at + sizeof(nlattr) <= end) {
        nlattr attribute;
        std::memcpy(&attribute, body + at, sizeof attribute);
        if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > end) break;
        if (attribute.nla_type == INET_DIAG_SKV6ONLY && attribute.nla_len > NLA_HDRLEN)
            listener.only_v6 = body[at + NLA_HDRLEN] != 0;
        at += NLA_ALIGN(attribute.nla_len);
    }
    return listener;
}

/// All of one family; false where the kernel has no sock_diag, or broke off.
bool dump(std::uint8_t family, std::uint16_t port, std::vector<Listener>& listeners) {
    const UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!netlink) return false;
    const timeval limit{1, 0};
    ::setsockopt(netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct {
        nlmsghdr header;
        inet_diag_req_v2 query;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.query.sdiag_family = family;
    request.query.sdiag_protocol = IPPROTO_TCP;
    request.query.idiag_states = 1U << TCP_LISTEN;
    request.query.id.idiag_sport = htons(port);
    if (::send(netlink.get(), &request, sizeof request, 0) != ssize_t(sizeof request)) return false;
    alignas(nlmsghdr) std::array<char, 32768> buffer;
    for (;;) {
        const ssize_t received = ::recv(netlink.get(), buffer.data(), buffer.size(), 0);
        if (received <= 0) return false;
        const auto size = static_cast<std::size_t>(received);
        nlmsghdr header;
        for (std::size_t at = 0; at + sizeof header <= size; at += NLMSG_ALIGN(header.nlmsg_len)) {
            std::memcpy(&header, buffer.data() + at, sizeof header);
            if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > size) return false;
            if (header.nlmsg_type == NLMSG_DONE) return true;
            if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
                header.nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg)))
                return false;
            auto one = listener_of(header, buffer.data() + at + NLMSG_HDRLEN);
            if (one.at.port() == port) listeners.push_back(std::move(one));
        }
    }
}

void read_table(const char* path, bool v4, std::uint16_t port, std::vector<Listener>& listeners) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line); // the headings
    while (std::getline(file, line)) {
        std::array<char, 33> address{};
        unsigned at_port = 0, state = 0, uid = 0;
        unsigned long inode = 0;
        // sl local remote st tx:rx tr:when retrnsmt uid timeout inode
        if (std::sscanf(line.c_str(), "%*d: %32[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %u %*d %lu",
                        address.data(), &at_port, &state, &uid, &inode) != 5)
            continue;
        if (state != TCP_LISTEN || at_port != port) continue;
        std::array<std::uint32_t, 4> words{}; // each as this machine reads it
        for (std::size_t i = 0; i < (v4 ? 1U : 4U); ++i)
            words[i] = static_cast<std::uint32_t>(
                std::stoul(std::string(address.data() + 8 * i, 8), nullptr, 16));
        Listener listener;
        listener.at = tcp::endpoint(address_of(words.data(), v4), port);
        listener.uid = uid;
        listener.inode = inode;
        listener.on_device = true;
        listeners.push_back(std::move(listener));
    }
}

} // namespace

std::vector<Listener> listeners_in_proc(std::uint16_t port) {
    std::vector<Listener> listeners;
    read_table("/proc/net/tcp", true, port, listeners);
    read_table("/proc/net/tcp6", false, port, listeners);
    return listeners;
}

std::vector<Listener> listeners_on(std::uint16_t port) {
    std::vector<Listener> listeners;
    // A kernel without IPv6 has no listeners there, and says so with an error.
    if (!dump(AF_INET, port, listeners)) return listeners_in_proc(port);
    if (!dump(AF_INET6, port, listeners)) {
        auto rest = listeners_in_proc(port);
        std::erase_if(rest, [](const Listener& one) { return one.at.address().is_v4(); });
        listeners.insert(listeners.end(), rest.begin(), rest.end());
    }
    return listeners;
}

bool takes(const Listener& listener, const tcp::endpoint& server) {
    if (listener.at.port() != server.port()) return false;
    auto address = server.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    const auto own = listener.at.address();
    if (own == address) return true;
    // The zone of a link-local address is no part of what the tables say.
    if (own.is_v6() && address.is_v6() && own.to_v6().to_bytes() == address.to_v6().to_bytes())
        return true;
    if (!own.is_unspecified()) return false;
    return own.is_v4() == address.is_v4() || (own.is_v6() && !listener.only_v6);
}

} // namespace agent::net
