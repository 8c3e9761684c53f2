#include "agentd/supervisor/notify_socket.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

using supervisor::NotifySocket;

namespace {

void say(const NotifySocket& to, const std::string& text,
         const std::vector<int>& descriptors = {}) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, to.path().c_str(), to.path().size() + 1);
    const agent::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    iovec part{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(64 * sizeof(int))> control{};
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
    }
    REQUIRE(::sendmsg(socket.get(), &message, MSG_DONTWAIT) >= 0);
}

std::ptrdiff_t open_files() {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return std::distance(begin(files), end(files));
}

} // namespace

TEST_CASE("notify socket: a message comes with its sender and its descriptors") {
    const agent::test::TempDir folder;
    const auto path = folder / "notify";
    {
        const auto socket = NotifySocket::open(path);
        REQUIRE(socket.has_value());
        CHECK_FALSE(socket->receive().has_value());
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const agent::UniqueFd read_end(ends[0]);
        agent::UniqueFd write_end(ends[1]);
        say(*socket, "FDSTORE=1\nFDNAME=tcp.pg", {write_end.get()});
        write_end.reset();
        say(*socket, "READY=1");
        auto first = socket->receive();
        REQUIRE(first.has_value());
        CHECK(first->sender == ::getpid());
        CHECK(first->said.store);
        CHECK(first->said.name == "tcp.pg");
        REQUIRE(first->descriptors.size() == 1);
        CHECK(::write(first->descriptors[0].get(), "x", 1) == 1);
        char byte = 0;
        CHECK(::read(read_end.get(), &byte, 1) == 1);
        const auto second = socket->receive();
        REQUIRE(second.has_value());
        CHECK(second->said.ready);
        CHECK(second->descriptors.empty());
        CHECK_FALSE(socket->receive().has_value());
        CHECK(NotifySocket::open(path).has_value()); // as after a kill -9 of the one before
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE(
    "notify socket: what is too long or brings too much is passed over, and leaves nothing open") {
    const agent::test::TempDir folder;
    const auto socket = NotifySocket::open(folder / "notify");
    REQUIRE(socket.has_value());
    const auto before = open_files();
    say(*socket, "FDSTORE=1\nX=" + std::string(5000, 'x'), {STDERR_FILENO});
    say(*socket, "FDSTORE=1", std::vector<int>(40, STDERR_FILENO));
    say(*socket, "STOPPING=1");
    const auto received = socket->receive();
    REQUIRE(received.has_value());
    CHECK(received->said.stopping);
    CHECK_FALSE(received->said.store);
    CHECK(open_files() == before);
}
