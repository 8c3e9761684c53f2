#include "net/listeners.hpp"

#include "net/netlink.hpp"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
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

Listener listener_of(const inet_diag_msg& found, std::span<const std::byte> body) {
    Listener listener;
    listener.at = tcp::endpoint(address_of(found.id.idiag_src, found.idiag_family == AF_INET),
                                ntohs(found.id.idiag_sport));
    listener.uid = found.idiag_uid;
    listener.inode = found.idiag_inode;
    listener.on_device = found.id.idiag_if != 0;
    std::size_t at = NLMSG_ALIGN(sizeof found);
    while (at + sizeof(nlattr) <= body.size()) {
        nlattr attribute;
        std::memcpy(&attribute, body.data() + at, sizeof attribute);
        if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > body.size()) break;
        if (attribute.nla_type == INET_DIAG_SKV6ONLY && attribute.nla_len > NLA_HDRLEN)
            listener.only_v6 = body[at + NLA_HDRLEN] != std::byte{0};
        at += NLA_ALIGN(attribute.nla_len);
    }
    return listener;
}

/// All of one family; false where the kernel has no sock_diag, or broke off.
bool dump(std::uint8_t family, std::uint16_t port, std::vector<Listener>& listeners) {
    struct {
        nlmsghdr header;
        inet_diag_req_v2 query;
    } request{};
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.query.sdiag_family = family;
    request.query.sdiag_protocol = IPPROTO_TCP;
    request.query.idiag_states = 1U << TCP_LISTEN;
    request.query.id.idiag_sport = htons(port);
    bool understood = true;
    NetlinkQuestions questions(NETLINK_SOCK_DIAG);
    const bool all = questions.ask_all(request, [&](const NetlinkAnswer& answer) {
        const auto found = answer.as<inet_diag_msg>();
        understood = understood && found && answer.type == SOCK_DIAG_BY_FAMILY;
        if (found && ntohs(found->id.idiag_sport) == port)
            listeners.push_back(listener_of(*found, answer.body));
    });
    return all && understood;
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
