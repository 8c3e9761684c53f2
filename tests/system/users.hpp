#pragma once
// Several users in one test: the test runs as an ordinary one and can become root or somebody else
// in a child.

#include "base/unique_fd.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace agent::test {

inline bool become(uid_t user) {
    return ::setresuid(0, 0, 0) == 0 && ::setgroups(0, nullptr) == 0 &&
           ::setresgid(user, user, user) == 0 && ::setresuid(user, user, user) == 0;
}

/// Goes to another process's network namespace.
inline bool enter_network(pid_t of) {
    const UniqueFd network(
        ::open(("/proc/" + std::to_string(of) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
    return network && ::setns(network.get(), CLONE_NEWNET) == 0;
}

/// What `act` returns, as `user`, in a process of its own; in the network of another process where
/// one is given.
template <class Act> std::string as_user(uid_t user, Act act, pid_t network = 0) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        const bool there = network == 0 || (::setresuid(0, 0, 0) == 0 && enter_network(network));
        const std::string said = there && become(user) ? act() : "not possible";
        (void)!::write(pipe[1], said.data(), said.size());
        ::_exit(0);
    }
    ::close(pipe[1]);
    std::string said;
    std::array<char, 4096> bytes{};
    for (ssize_t n = 0; (n = ::read(pipe[0], bytes.data(), bytes.size())) > 0;)
        said.append(bytes.data(), static_cast<std::size_t>(n));
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
    return said;
}

/// Until it goes the test, and what it starts, is `user`; only its children can be root again.
class OrdinaryUser {
  public:
    explicit OrdinaryUser(uid_t user) {
        REQUIRE(::setgroups(0, nullptr) == 0);
        REQUIRE(::setresgid(user, user, 0) == 0);
        REQUIRE(::setresuid(user, user, 0) == 0);
    }
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;
    ~OrdinaryUser() {
        (void)!::setresuid(0, 0, 0);
        (void)!::setresgid(0, 0, 0);
    }
};

} // namespace agent::test
