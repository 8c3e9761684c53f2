#include "system/second_user_ways.hpp"

#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>
#include <cstring>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

namespace agent::test {
namespace {

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

Address address_of(const std::string& text, std::uint16_t port, bool mapped) {
    Address address;
    if (!mapped && text.find(':') == std::string::npos) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(address.bytes);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        ::inet_pton(AF_INET, text.c_str(), &v4.sin_addr);
        address.size = sizeof v4;
        return address;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.bytes);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    const auto percent = text.find('%');
    const std::string number = (mapped ? "::ffff:" : "") + text.substr(0, percent);
    ::inet_pton(AF_INET6, number.c_str(), &v6.sin6_addr);
    if (percent != std::string::npos)
        v6.sin6_scope_id = ::if_nametoindex(text.c_str() + percent + 1);
    address.size = sizeof v6;
    return address;
}

bool wait_for(int fd, short events, int limit_ms) {
    pollfd entry{fd, events, 0};
    return ::poll(&entry, 1, limit_ms) == 1;
}

bool connects(int fd, const Address& to) {
    if (::connect(fd, to.get(), to.size) == 0) return true;
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, 300)) return false;
    int problem = 0;
    socklen_t size = sizeof problem;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    errno = problem;
    return problem == 0;
}

bool is_v6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

std::vector<std::string> targets_of(const std::string& listener) {
    if (listener == "0.0.0.0") return {"127.0.0.1", "127.0.0.5", lan4};
    if (listener == "::") return {"127.0.0.1", lan4, "::1", lan6, link_local};
    return {listener};
}

} // namespace

std::string Way::text() const {
    std::string words = (source.empty() ? "unbound" : source) + " to " + target;
    if (mapped) words += ", v4-mapped";
    if (!device.empty()) words += ", on " + device;
    if (protocol == IPPROTO_MPTCP) words += ", MPTCP";
    return words;
}

std::vector<Way> ways_to(const std::string& listener) {
    std::vector<Way> ways;
    for (const auto& target : targets_of(listener)) {
        if (is_v6(target)) {
            for (const std::string& source : {std::string(), std::string("::1"), lan6, link_local})
                ways.push_back({.source = source, .target = target});
        } else {
            for (const std::string& source :
                 {std::string(), std::string("127.0.0.1"), std::string("127.0.0.9"), lan4})
                for (const bool mapped : {false, true})
                    ways.push_back({.source = source, .target = target, .mapped = mapped});
        }
        ways.push_back({.source = "", .target = target, .device = "lo"});
        ways.push_back({.source = is_v6(target) ? lan6 : lan4, .target = target, .device = "lo"});
        ways.push_back(
            {.source = is_v6(target) ? lan6 : lan4, .target = target, .protocol = IPPROTO_MPTCP});
    }
    return ways;
}

std::vector<Way> ways_from_afar(const std::string& listener) {
    std::vector<Way> ways;
    for (auto target : targets_of(listener)) {
        if (target == link_local) target = "fe80::77%far";
        ways.push_back({.source = "", .target = target});
    }
    return ways;
}

Got try_way(const Way& way, std::uint16_t port, const std::string& say) {
    const Address to = address_of(way.target, port, way.mapped);
    const UniqueFd fd(
        ::socket(to.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, way.protocol));
    if (!fd) return Got::unreachable;
    if (!way.device.empty() &&
        ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, way.device.c_str(),
                     static_cast<socklen_t>(way.device.size())) != 0)
        return Got::unreachable;
    if (!way.source.empty()) {
        const Address from = address_of(way.source, 0, way.mapped);
        if (::bind(fd.get(), from.get(), from.size) != 0) return Got::unreachable;
    }
    if (!connects(fd.get(), to)) return errno == ECONNRESET ? Got::nothing : Got::unreachable;
    if (!say.empty()) (void)::send(fd.get(), say.data(), say.size(), MSG_NOSIGNAL);
    if (!wait_for(fd.get(), POLLIN, 10'000)) return Got::silence;
    char byte = 0;
    return ::recv(fd.get(), &byte, 1, 0) == 1 ? Got::bytes : Got::nothing;
}

std::string try_ways(const std::vector<Way>& ways, std::uint16_t port, const std::string& say) {
    std::string letters;
    for (const auto& way : ways) letters += static_cast<char>(try_way(way, port, say));
    return letters;
}

} // namespace agent::test
