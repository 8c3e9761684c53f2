#include "controller/listener_check.hpp"

#include "base/controller_address.hpp"
#include "net/local_address.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>

namespace agent::controller {
namespace {

using boost::asio::ip::tcp;

/// From /etc/passwd alone: a directory service may keep whoever asks it waiting.
std::string name_of(std::uint32_t uid) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"),
                                                               &std::fclose);
    if (!file) return {};
    while (const passwd* row = ::fgetpwent(file.get()))
        if (row->pw_uid == uid) return row->pw_name;
    return {};
}

std::uint32_t overflow_uid() {
    std::uint32_t uid = 65534;
    std::ifstream("/proc/sys/kernel/overflowuid") >> uid;
    return uid;
}

/// In a user namespace, as a service manager makes one, everybody else has one and the same number,
/// root too.
bool sees_all_users() {
    std::uint64_t inside = 1, outside = 1, count = 0;
    std::ifstream("/proc/self/uid_map") >> inside >> outside >> count;
    return inside == 0 && outside == 0 && count == 0xffffffffU;
}

std::string described(const std::optional<std::uint32_t>& uid) {
    if (!uid) return "the kernel does not say who listens there";
    if (*uid == overflow_uid() && !sees_all_users())
        return "somebody else listens there, whom agentd, confined as it is, cannot see: root or "
               "another user";
    const std::string name = name_of(*uid);
    return fmt::format("another user listens there, uid {}{}", *uid,
                       name.empty() ? "" : " (" + name + ")");
}

Error refused(const ClusterSettings& settings, const std::optional<std::uint32_t>& uid) {
    return fail(
        Errc::permission_denied, Hop::controller,
        settings.address + ": " + described(uid) + "; nothing was sent",
        "is the controller running? If it is theirs to run, and they may see your login: "
        "-allow-foreign-listener, or allow_foreign_listener = true for its cluster in config.toml");
}

} // namespace

ListenerFinding weigh_listeners(const std::vector<net::Listener>& before,
                                const std::vector<net::Listener>& after,
                                const std::optional<net::SocketOwner>& accepted,
                                std::uint32_t self) {
    const auto trusted = [&](std::uint32_t uid, std::uint64_t inode) {
        return inode != 0 && (uid == self || uid == 0); // without an inode the number is none
    };
    if (accepted && trusted(accepted->uid, accepted->inode)) return {true, std::nullopt};
    for (const auto& one : after)
        if (!trusted(one.uid, one.inode))
            return {false, one.inode != 0 ? std::optional(one.uid) : std::nullopt};
    // Whoever listened all the time has let nobody else to its address: it was this one that took
    // the connection, and whom it lets accept, as a server that root started and that gave root up,
    // is its own affair.
    const bool all_the_time = std::ranges::any_of(after, [&](const net::Listener& one) {
        return !one.on_device &&
               std::ranges::find(before, one.inode, &net::Listener::inode) != before.end();
    });
    if (all_the_time) return {true, std::nullopt};
    // Nobody has accepted it yet: it waits at one of those that listen now.
    if (accepted && accepted->inode == 0 && !after.empty()) return {true, std::nullopt};
    return {false, accepted && accepted->inode != 0 ? std::optional(accepted->uid) : std::nullopt};
}

ListenerCheck::ListenerCheck(const ClusterSettings& settings)
    : settings_(settings), asks_(!settings.allow_foreign_listener && !verified(settings)) {
    if (asks_ && settings.unix_path.empty())
        before_ = net::listeners_on(
            static_cast<std::uint16_t>(std::strtoul(settings.port.c_str(), nullptr, 10)));
}

Status ListenerCheck::weigh(const tcp::socket& socket) const {
    boost::system::error_code ec, gone;
    const auto server = socket.remote_endpoint(ec);
    const auto client = socket.local_endpoint(gone);
    if (ec || gone)
        return fail(Errc::controller_unreachable, Hop::controller,
                    "dial " + authority(settings_) + ": the connection has gone again");
    const bool loopback = net::is_loopback(server.address());
    if (!loopback && is_localhost(settings_.host) && !verified(settings_))
        return fail(Errc::permission_denied, Hop::controller,
                    settings_.address + ": this machine looks " + settings_.host + " up as " +
                        server.address().to_string() + ", which is not loopback; nothing was sent",
                    "mend /etc/hosts, or write the address in numbers");
    const bool here = loopback || server.address() == client.address();
    if (!asks_ || !here) return {};
    auto after = net::listeners_on(server.port());
    std::erase_if(after, [&](const net::Listener& one) { return !net::takes(one, server); });
    const auto accepted = net::find_socket_owner(server, client).owner;
    const auto finding = weigh_listeners(before_, after, accepted, ::geteuid());
    if (!finding.trusted || (::geteuid() == overflow_uid() && !sees_all_users()))
        return refused(settings_, finding.stranger);
    return {};
}

Status ListenerCheck::weigh_unix(int descriptor) const {
    if (!asks_) return {};
    ucred owner{};
    socklen_t size = sizeof owner;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0)
        return refused(settings_, std::nullopt);
    const bool ours = owner.uid == ::geteuid() || owner.uid == 0;
    if (!ours || (::geteuid() == overflow_uid() && !sees_all_users()))
        return refused(settings_, owner.uid);
    return {};
}

} // namespace agent::controller
