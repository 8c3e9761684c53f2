// A name that nobody answers for delays whoever asked for it, and nobody else. The machine's DNS is
// a socket of this test that says nothing, in namespaces of its own: its /etc/resolv.conf and
// /etc/hosts are the test's.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// This process in a network and with an /etc of its own. As two_networks.cpp does it.
void enter_own_world(const TempDir& folder) {
    const auto uid = ::geteuid();
    const auto gid = ::getegid();
    const int kinds = CLONE_NEWNET | CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER);
    const int done = ::unshare(kinds);
    INFO("namespaces: " << std::strerror(errno));
    REQUIRE(done == 0);
    if (uid != 0) {
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << uid << ' ' << uid << " 1";
        std::ofstream("/proc/self/gid_map") << gid << ' ' << gid << " 1";
    }
    REQUIRE(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    const auto replace = [&](const char* path, const char* name, const char* text) {
        const auto ours = folder.file(name, text);
        INFO(path);
        REQUIRE(::mount(ours.c_str(), path, nullptr, MS_BIND, nullptr) == 0);
    };
    replace("/etc/resolv.conf", "resolv.conf", "nameserver 127.0.0.77\n");
    replace("/etc/hosts", "hosts", "127.0.0.1 localhost near.test\n");
    replace("/etc/nsswitch.conf", "nsswitch.conf", "passwd: files\nhosts: files dns\n");
    const agent::UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq loopback{};
    std::strncpy(loopback.ifr_name, "lo", sizeof loopback.ifr_name - 1);
    loopback.ifr_flags = IFF_UP;
    REQUIRE(::ioctl(any.get(), SIOCSIFFLAGS, &loopback) == 0);
}

/// A DNS server that listens and never answers.
class SilentDns {
  public:
    SilentDns() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(53);
        at.sin_addr.s_addr = htonl(0x7f00004d); // 127.0.0.77
        REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    }
    bool asked(std::chrono::milliseconds limit) const {
        pollfd question{socket_.get(), POLLIN, 0};
        return ::poll(&question, 1, static_cast<int>(limit.count())) > 0;
    }

  private:
    agent::UniqueFd socket_;
};

} // namespace

TEST_CASE("slow name: one cluster's name that nobody answers for delays no other cluster") {
    const TempDir etc;
    enter_own_world(etc);
    const SilentDns dns;
    DevEnvironment world;
    const auto address = world.address();
    world.agent_pid(); // it runs

    world.environment["BOUNDARY_ADDR"] = "http://slow.test:9200";
    auto slow = world.start_agentctl({"authenticate", "password", "-auth-method-id", auth_method_id,
                                      "-login-name", "admin", "-password", "env://PW"});
    REQUIRE(dns.asked(30s));

    world.environment["BOUNDARY_ADDR"] = address;
    world.login();
    CHECK(slow.running());
    world.environment["BOUNDARY_ADDR"] = "http://near.test:" + std::to_string(world.api_port());
    world.login();
    CHECK(slow.running());

    const auto ended = slow.wait();
    CHECK(ended.exit == 2);
    INFO(ended.err);
    CHECK(ended.err.find("slow.test") != std::string::npos);
}
