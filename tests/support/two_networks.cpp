#include "support/two_networks.hpp"

#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

namespace agent::test {
namespace {

void enter_own_network() {
    const auto uid = ::geteuid();
    const auto gid = ::getegid();
    const bool root = uid == 0;
    const int done = ::unshare(root ? CLONE_NEWNET : CLONE_NEWNET | CLONE_NEWUSER);
    INFO("a network namespace: " << std::strerror(errno));
    REQUIRE(done == 0);
    if (root) return;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << uid << ' ' << uid << " 1";
    std::ofstream("/proc/self/gid_map") << gid << ' ' << gid << " 1";
}

void run(std::vector<std::string> command) {
    Process::Options options;
    options.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
    std::string words;
    for (const auto& word : command) words += word + " ";
    const auto ended = run_program(std::move(command), options);
    INFO(words << "\n" << ended.out << ended.err);
    REQUIRE(ended.exit == 0);
}

const std::string ip = "/sbin/ip";

} // namespace

TwoNetworks::TwoNetworks() {
    enter_own_network();
    int ready[2];
    REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
    far_ = ::fork();
    REQUIRE(far_ >= 0);
    if (far_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const char there = ::unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
        (void)!::write(ready[1], &there, 1);
        for (;;) ::pause();
    }
    char there = 'n';
    (void)!::read(ready[0], &there, 1);
    ::close(ready[0]);
    ::close(ready[1]);
    REQUIRE(there == 'y');
    run({ip, "link", "set", "lo", "up"});
    run({ip, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns",
         std::to_string(far_)});
    run({ip, "addr", "add", "10.77.0.1/24", "dev", "near"});
    run({ip, "link", "set", "near", "up"});
    const auto far = [this](std::vector<std::string> words) {
        auto command = far_prefix();
        command.insert(command.end(), words.begin(), words.end());
        run(std::move(command));
    };
    far({ip, "link", "set", "lo", "up"});
    far({ip, "addr", "add", far_address_ + "/24", "dev", "far"});
    far({ip, "link", "set", "far", "up"});
}

TwoNetworks::~TwoNetworks() {
    ::kill(far_, SIGKILL);
    ::waitpid(far_, nullptr, 0);
}

std::vector<std::string> TwoNetworks::far_prefix() const {
    return {"/usr/bin/nsenter", "--target", std::to_string(far_), "--net"};
}

void TwoNetworks::in_far(const std::function<void()>& work) const {
    bool entered = false;
    std::thread there([&] {
        const UniqueFd network(
            ::open(("/proc/" + std::to_string(far_) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
        entered = network && ::setns(network.get(), CLONE_NEWNET) == 0;
        if (entered) work();
    });
    there.join();
    REQUIRE(entered);
}

void TwoNetworks::near_link(const std::string& state) const {
    run({ip, "link", "set", "near", state});
}

void TwoNetworks::far_link(const std::string& state) const {
    auto command = far_prefix();
    command.insert(command.end(), {ip, "link", "set", "far", state});
    run(std::move(command));
}

} // namespace agent::test
