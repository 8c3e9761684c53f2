#include "net/peer_owner.hpp"

#include "net/local_address.hpp"
#include "net/netlink.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>
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

struct DiagQuestion {
    nlmsghdr header{};
    inet_diag_req_v2 query{};
};

constexpr std::uint32_t any_device = 0;
constexpr std::uint32_t loopback_device = 1; // in every network namespace

enum class Said : std::uint8_t {
    found,
    other, ///< of another socket: there is no such connection
    no,    ///< no such socket; or no sock_diag, the number is the same
    nothing,
};

struct DiagAnswer {
    Said said = Said::nothing;
    SocketOwner owner;
};

/// One exact lookup. A socket that is bound to a device is only found by who names it.
DiagAnswer ask_sock_diag(const tcp::endpoint& client, const tcp::endpoint& server,
                         std::uint32_t device) {
    static thread_local NetlinkQuestions sockets(NETLINK_SOCK_DIAG);
    DiagQuestion question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.query.sdiag_family = client.address().is_v4() ? AF_INET : AF_INET6;
    question.query.sdiag_protocol = IPPROTO_TCP;
    question.query.idiag_states = ~0U;
    question.query.id.idiag_sport = htons(client.port());
    question.query.id.idiag_dport = htons(server.port());
    copy_address(client.address(), question.query.id.idiag_src);
    copy_address(server.address(), question.query.id.idiag_dst);
    question.query.id.idiag_if = device;
    question.query.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    question.query.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    DiagAnswer told;
    const auto answer = sockets.ask(question);
    if (!answer) return told;
    if (answer->type == NLMSG_ERROR) {
        const auto problem = answer->as<nlmsgerr>();
        if (problem && problem->error == -ENOENT) told.said = Said::no;
        return told;
    }
    const auto found = answer->as<inet_diag_msg>();
    if (answer->type != SOCK_DIAG_BY_FAMILY || !found) return told;
    // Where there is no such connection the kernel answers with whoever listens on the client's
    // port. And nobody whom we have accepted is still connecting: such a one has taken the place of
    // one that has gone.
    const bool is_it = found->id.idiag_dport == question.query.id.idiag_dport &&
                       found->idiag_state != TCP_SYN_SENT;
    told.said = is_it ? Said::found : Said::other;
    told.owner.uid = found->idiag_uid;
    told.owner.inode = found->idiag_inode;
    return told;
}

SocketSearch search_by_sock_diag(const tcp::endpoint& client, const tcp::endpoint& server,
                                 std::uint32_t bound) {
    static thread_local bool works =
        false; // once is enough: from then on "no" means that there is no such socket
    SocketSearch search;
    const auto scope = client.address().is_v6()
                           ? static_cast<std::uint32_t>(client.address().to_v6().scope_id())
                           : 0;
    const std::uint32_t first = bound != any_device ? bound : scope;
    for (const std::uint32_t device : {first, any_device, loopback_device}) {
        if (device == first && search.answered) continue; // has been asked
        const auto told = ask_sock_diag(client, server, device);
        if (told.said == Said::nothing) return SocketSearch{};
        if (told.said == Said::found) {
            works = true;
            search.owner = told.owner;
        }
        search.answered = true;
        if (search.owner) return search;
    }
    if (!works) { // our own end, or else our listening socket, is there in any case
        const auto ours = ask_sock_diag(server, client, any_device).said;
        works = ours == Said::found || ours == Said::other;
    }
    search.answered = works;
    return search;
}

tcp::endpoint plain(const tcp::endpoint& endpoint) {
    return {plain_address(endpoint.address()), endpoint.port()};
}

tcp::endpoint mapped(const tcp::endpoint& endpoint) {
    return {
        boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, endpoint.address().to_v4()),
        endpoint.port()};
}

/// As /proc/net/tcp prints it: 32-bit words of the address in this machine's byte order, then the
/// port.
std::string proc_spelling(const tcp::endpoint& endpoint) {
    __be32 words[4] = {};
    copy_address(endpoint.address(), words);
    std::string text;
    for (int i = 0; i < (endpoint.address().is_v4() ? 1 : 4); ++i)
        text += fmt::format("{:08X}", words[i]);
    return text + fmt::format(":{:04X}", endpoint.port());
}

struct ProcRow {
    std::string local;
    std::string remote;
    std::string state;
    SocketOwner owner;
};

/// Calls `visit` for each row until it returns true. false: there is no such table, or it cannot be
/// read.
template <class Visit> bool read_proc_rows(const char* path, Visit visit) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) return false; // the headings
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string skipped;
        ProcRow row;
        // sl local remote st tx:rx tr:when retrnsmt uid timeout inode
        if (words >> skipped >> row.local >> row.remote >> row.state >> skipped >> skipped >>
            skipped >> row.owner.uid >> skipped >> row.owner.inode)
            if (visit(row)) return true;
    }
    return !file.bad();
}

SocketSearch search_table(const char* table, const tcp::endpoint& client,
                          const tcp::endpoint& server) {
    const std::string local = proc_spelling(client);
    const std::string remote = proc_spelling(server);
    SocketSearch search;
    search.answered = read_proc_rows(table, [&](const ProcRow& row) {
        if (row.local != local || row.remote != remote || row.state == "02")
            return false; // 02: still connecting
        search.owner = row.owner;
        return true;
    });
    return search;
}

/// The kernel keeps fifteen bytes of a name: the rest is in the words that it was started with,
/// which it may have changed, so only if they begin alike.
std::string whole_name(const std::filesystem::path& process) {
    constexpr std::size_t kept = 15;
    std::string name;
    std::ifstream comm(process / "comm");
    std::getline(comm, name);
    if (name.size() < kept) return name;
    std::string word;
    std::ifstream words(process / "cmdline");
    std::getline(words, word, '\0');
    word.erase(0, word.rfind('/') + 1);
    return word.starts_with(name) ? word : name;
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
            return whole_name(process.path()) + " (pid " + pid + ")";
        }
    }
    return {};
}

} // namespace

SocketSearch find_socket_owner_in_proc(const tcp::endpoint& client, const tcp::endpoint& server) {
    const tcp::endpoint from = plain(client);
    const tcp::endpoint to = plain(server);
    if (from.address().is_v6() || to.address().is_v6())
        return search_table("/proc/net/tcp6", from, to);
    const auto search = search_table("/proc/net/tcp", from, to);
    if (search.owner || ::access("/proc/net/tcp6", F_OK) != 0) return search; // no IPv6 here
    auto mixed =
        search_table("/proc/net/tcp6", mapped(from), mapped(to)); // an IPv6 socket that speaks IPv4
    mixed.answered = mixed.answered && search.answered;
    return mixed;
}

SocketSearch find_socket_owner(const tcp::endpoint& client, const tcp::endpoint& server,
                               std::uint32_t device) {
    auto search = search_by_sock_diag(plain(client), plain(server), device);
    return search.answered ? search : find_socket_owner_in_proc(client, server);
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
