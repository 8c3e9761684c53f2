#include "net/local_address.hpp"

#include "net/netlink.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace agent::net {
namespace {

using boost::asio::ip::address;

struct RouteQuestion {
    nlmsghdr header{};
    rtmsg route{};
    rtattr target_header{};
    std::array<unsigned char, 16> target{};
    rtattr device_header{};
    std::uint32_t device = 0;
};
static_assert(sizeof(RouteQuestion) ==
              sizeof(nlmsghdr) + sizeof(rtmsg) + 2 * sizeof(rtattr) + 16 + 4);

RouteQuestion route_to(const address& target, std::uint32_t device) {
    RouteQuestion question;
    question.header.nlmsg_type = RTM_GETROUTE;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.target_header.rta_type = RTA_DST;
    question.target_header.rta_len = RTA_LENGTH(16);
    question.device_header.rta_type = RTA_OIF; // 0: any
    question.device_header.rta_len = RTA_LENGTH(4);
    if (target.is_v6()) {
        const auto v6 = target.to_v6();
        question.route.rtm_family = AF_INET6;
        question.route.rtm_dst_len = 128;
        std::ranges::copy(v6.to_bytes(), question.target.begin());
        if (device == 0) device = static_cast<std::uint32_t>(v6.scope_id());
    } else {
        question.route.rtm_family = AF_INET;
        question.route.rtm_dst_len = 32;
        std::ranges::copy(target.to_v4().to_bytes(), question.target.begin());
    }
    question.device = device;
    return question;
}

} // namespace

Whereabouts where_is(const address& target, std::uint32_t device) {
    static thread_local NetlinkQuestions routes(NETLINK_ROUTE);
    auto question = route_to(plain_address(target), device);
    const auto answer = routes.ask(question);
    if (!answer || answer->type != RTM_NEWROUTE) return Whereabouts::unknown;
    const auto route = answer->as<rtmsg>();
    if (!route) return Whereabouts::unknown;
    return route->rtm_type == RTN_LOCAL ? Whereabouts::here : Whereabouts::elsewhere;
}

bool is_loopback(const address& address) {
    return plain_address(address).is_loopback();
}

address plain_address(const address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

} // namespace agent::net
