#include "net/peer_owner.hpp"

#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;

void copy_address(const boost::asio::ip::address& address, __be32 (&out)[4]) {
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        std::memcpy(out, bytes.data(), bytes.size());
    } else {
        const auto bytes = address.to_v6().to_bytes();
        std::memcpy(out, bytes.data(), bytes.size());
    }
}

/// One exact lookup. nullopt also when the kernel has no sock_diag.
std::optional<SocketOwner> ask_sock_diag(const tcp::endpoint& client, const tcp::endpoint& server) {
    const UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!netlink) return std::nullopt;
    const timeval limit{1, 0};
    ::setsockopt(netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);

    struct {
        nlmsghdr header;
        inet_diag_req_v2 query;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.query.sdiag_family = client.address().is_v4() ? AF_INET : AF_INET6;
    request.query.sdiag_protocol = IPPROTO_TCP;
    request.query.idiag_states = ~0U;
    request.query.id.idiag_sport = htons(client.port());
    request.query.id.idiag_dport = htons(server.port());
    copy_address(client.address(), request.query.id.idiag_src);
    copy_address(server.address(), request.query.id.idiag_dst);
    request.query.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.query.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (::send(netlink.get(), &request, sizeof request, 0) != ssize_t(sizeof request)) return std::nullopt;

    alignas(nlmsghdr) std::array<char, 4096> buffer;
    const ssize_t received = ::recv(netlink.get(), buffer.data(), buffer.size(), 0);
    if (received < ssize_t(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return std::nullopt;
    nlmsghdr header;
    std::memcpy(&header, buffer.data(), sizeof header);
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt; // NLMSG_ERROR: ENOENT, or not supported
    inet_diag_msg found;
    std::memcpy(&found, buffer.data() + NLMSG_HDRLEN, sizeof found);
    // Where there is no such connection the kernel answers with whoever listens on the client's port.
    if (found.id.idiag_dport != request.query.id.idiag_dport) return std::nullopt;
    SocketOwner owner;
    owner.uid = found.idiag_uid;
    owner.inode = found.idiag_inode;
    return owner;
}

/// ::ffff:127.0.0.1 is 127.0.0.1 to whoever compares: a dual-stack listener sees its IPv4 clients so.
tcp::endpoint plain(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address();
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return endpoint;
    return {boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()), endpoint.port()};
}

tcp::endpoint mapped(const tcp::endpoint& endpoint) {
    return {boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, endpoint.address().to_v4()), endpoint.port()};
}

/// As /proc/net/tcp prints it: 32-bit words of the address in this machine's byte order, then the port.
std::string proc_spelling(const tcp::endpoint& endpoint) {
    __be32 words[4] = {};
    copy_address(endpoint.address(), words);
    std::string text;
    for (int i = 0; i < (endpoint.address().is_v4() ? 1 : 4); ++i) text += fmt::format("{:08X}", words[i]);
    return text + fmt::format(":{:04X}", endpoint.port());
}

struct ProcRow {
    std::string local;
    std::string remote;
    std::string state;
    SocketOwner owner;
};

/// Calls `visit` for each row until it returns true.
template <class Visit> void read_proc_rows(const char* path, Visit visit) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line); // the headings
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string skipped;
        ProcRow row;
        // sl local remote st tx:rx tr:when retrnsmt uid timeout inode
        if (words >> skipped >> row.local >> row.remote >> row.state >> skipped >> skipped >> skipped >>
            row.owner.uid >> skipped >> row.owner.inode)
            if (visit(row)) return;
    }
}

std::optional<SocketOwner> find_row(const char* table, const tcp::endpoint& client, const tcp::endpoint& server) {
    const std::string local = proc_spelling(client);
    const std::string remote = proc_spelling(server);
    std::optional<SocketOwner> owner;
    read_proc_rows(table, [&](const ProcRow& row) {
        if (row.local != local || row.remote != remote) return false;
        owner = row.owner;
        return true;
    });
    return owner;
}

std::string process_holding(std::uint64_t inode) {
    const std::string wanted = fmt::format("socket:[{}]", inode);
    std::error_code ec;
    for (const auto& process : std::filesystem::directory_iterator("/proc", ec)) {
        const std::string pid = process.path().filename();
        if (pid.empty() || pid[0] < '0' || pid[0] > '9') continue;
        std::error_code hidden; // other users' descriptors are not ours to read
        for (const auto& fd : std::filesystem::directory_iterator(process.path() / "fd", hidden)) {
            std::error_code gone;
            if (std::filesystem::read_symlink(fd.path(), gone) != wanted) continue;
            std::string name;
            std::ifstream comm(process.path() / "comm");
            std::getline(comm, name);
            return name + " (pid " + pid + ")";
        }
    }
    return {};
}

} // namespace

std::optional<SocketOwner> find_socket_owner_in_proc(const tcp::endpoint& client, const tcp::endpoint& server) {
    const tcp::endpoint from = plain(client);
    const tcp::endpoint to = plain(server);
    if (from.address().is_v6()) return find_row("/proc/net/tcp6", from, to);
    if (to.address().is_v6()) return std::nullopt; // no such pair
    if (auto owner = find_row("/proc/net/tcp", from, to)) return owner;
    return find_row("/proc/net/tcp6", mapped(from), mapped(to)); // an IPv6 socket that speaks IPv4
}

std::optional<SocketOwner> find_socket_owner(const tcp::endpoint& client, const tcp::endpoint& server) {
    if (auto owner = ask_sock_diag(plain(client), plain(server))) return owner;
    return find_socket_owner_in_proc(client, server);
}

bool is_loopback(const boost::asio::ip::address& address) {
    return plain(tcp::endpoint(address, 0)).address().is_loopback();
}

std::string process_listening_on(std::uint16_t port) {
    const std::string suffix = fmt::format(":{:04X}", port);
    std::string holder;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        read_proc_rows(table, [&](const ProcRow& row) {
            if (row.state != "0A" || !row.local.ends_with(suffix)) return false;
            holder = process_holding(row.owner.inode);
            return !holder.empty();
        });
        if (!holder.empty()) break;
    }
    return holder;
}

} // namespace agent::net
