// HeldProcess: whoever listens at a control socket is held as a process, never as a number.

#include "agentd/launcher/held_process.hpp"

#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/run_coroutine.hpp"
#include "support/temp_dir.hpp"

#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

using agentd::HeldProcess;
using namespace agent::test;

namespace {

int listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const bool bound = ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    return bound && ::listen(listener, 8) == 0 ? listener : -1;
}

/// A process of that name that listens and does nothing else.
class Listener {
  public:
    Listener(const std::string& path, const char* name) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::prctl(PR_SET_NAME, name);
            const int listener = listen_at(path);
            if (listener < 0 || ::write(ends[1], "R", 1) != 1) ::_exit(1);
            for (;;) ::pause();
        }
        ::close(ends[1]);
        char byte = 0;
        CHECK(::read(ends[0], &byte, 1) == 1);
        ::close(ends[0]);
    }
    Listener(const Listener&) = delete;
    ~Listener() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    pid_t pid() const { return pid_; }
    bool gone() const { return state() == 'X' || state() == 'Z'; }
    char state() const {
        const auto stat = read_text("/proc/" + std::to_string(pid_) + "/stat");
        return stat.empty() ? 'X' : stat[stat.rfind(')') + 2];
    }

  private:
    pid_t pid_ = -1;
};

agent::Status kill_now(const HeldProcess& process) {
    return run([&](boost::asio::io_context&) { return process.kill(); });
}

/// Inside a process namespace of its own, where numbers are for us to choose. The exit status says
/// what went wrong.
int reuse_a_number(const std::string& path) {
    constexpr pid_t number = 100;
    const auto child_numbered = [](pid_t wanted) -> pid_t {
        clone_args how{};
        how.exit_signal = SIGCHLD;
        how.set_tid = reinterpret_cast<std::uint64_t>(&wanted);
        how.set_tid_size = 1;
        return static_cast<pid_t>(::syscall(SYS_clone3, &how, sizeof how));
    };
    int ends[2], orders[2];
    if (::pipe(ends) != 0 || ::pipe(orders) != 0) return 10;
    const std::string alone = path + "2";
    const pid_t first = child_numbered(number);
    if (first == 0) { // it listens at two, hands one on, and ends: worse than an agent-proxy, which
                      // never forks
        const int listener = listen_at(path);
        const pid_t keeper = listener < 0 ? -1 : ::fork();
        if (keeper == 0)
            for (;;) ::pause();
        char go = 0;
        const bool ready = keeper > 0 && listen_at(alone) >= 0 && ::write(ends[1], "R", 1) == 1;
        ::_exit(ready && ::read(orders[0], &go, 1) == 1 ? 0 : 1);
    }
    char byte = 0;
    int status = 0;
    if (first != number || ::read(ends[0], &byte, 1) != 1) return 11;
    const agent::UniqueFd connection = connect_local(alone);
    if (!connection || ::write(orders[1], "G", 1) != 1) return 14;
    if (::waitpid(first, &status, 0) != first || status != 0) return 12;
    const pid_t stranger = child_numbered(number);
    if (stranger == 0)
        for (;;) ::pause();
    if (stranger != number) return 13;

    const auto held =
        HeldProcess::listening_at(path); // where the kernel knows the process itself (Linux 6.5)
    const auto by_number = HeldProcess::by_number(connection);
    int exact = -1;
    socklen_t size = sizeof exact;
    const bool older =
        ::getsockopt(connection.get(), SOL_SOCKET, 77, &exact, &size) != 0 && errno == ENOPROTOOPT;
    if (!older && held && held->pid() == number && !held->gone()) return 15;
    if (by_number) return 16;
    return ::waitpid(stranger, &status, WNOHANG) == 0 ? 0 : 17;
}

} // namespace

TEST_CASE(
    "held process: whoever listens as agent-proxy is found and killed, also when it stands still") {
    for (const bool exact : {true, false}) {
        TempDir folder;
        const std::string path = folder / "p.sock";
        const Listener proxy(path, "agent-proxy");
        ::kill(proxy.pid(), SIGSTOP);
        const auto connection = connect_local(path);
        REQUIRE(connection);
        const auto held =
            exact ? HeldProcess::listening_at(path) : HeldProcess::by_number(connection);
        REQUIRE(held.has_value());
        CHECK(held->pid() == proxy.pid());
        CHECK_FALSE(held->gone());
        const auto killed = kill_now(*held);
        CHECK(killed.has_value());
        CHECK(held->gone());
        CHECK(kill_now(*held).has_value()); // a second time there is nobody to hurt
    }
}

TEST_CASE(
    "held process: who listens under another name, we ourselves, and nobody at all are not held") {
    TempDir folder;
    const std::string path = folder / "p.sock";
    {
        const Listener other(path, "editor");
        const auto connection = connect_local(path);
        REQUIRE(connection);
        CHECK_FALSE(HeldProcess::listening_at(path).has_value());
        CHECK_FALSE(HeldProcess::by_number(connection).has_value());
        CHECK_FALSE(other.gone());
    }
    CHECK_FALSE(HeldProcess::listening_at(path).has_value());
    const std::string own = folder / "own.sock";
    const agent::UniqueFd listener(listen_at(own));
    const auto ours = HeldProcess::listening_at(own);
    REQUIRE_FALSE(ours.has_value());
    CHECK(ours.error().code == agent::Errc::permission_denied);
}

TEST_CASE("held process: one that went after the connect was made is not held by its number") {
    TempDir folder;
    const std::string path = folder / "p.sock";
    agent::UniqueFd connection;
    std::optional<Listener> proxy(std::in_place, path, "agent-proxy");
    connection = connect_local(path);
    REQUIRE(connection);
    ::kill(proxy->pid(), SIGKILL);
    CHECK(closed_by_peer(connection.get(), std::chrono::seconds(30)));
    CHECK_FALSE(
        HeldProcess::by_number(connection).has_value()); // a zombie: its number is still its own
    proxy.reset();
    CHECK_FALSE(HeldProcess::by_number(connection).has_value());
}

TEST_CASE("held process: a number that the kernel has given to somebody else is never killed") {
    TempDir folder;
    const std::string path = folder / "p.sock";
    const pid_t outside = ::fork();
    REQUIRE(outside >= 0);
    if (outside == 0) {
        if (::unshare(CLONE_NEWPID) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)
            ::_exit(77);
        const pid_t inside = ::fork(); // pid 1 there: with it all the others go
        if (inside == 0) ::_exit(reuse_a_number(path));
        int status = 0;
        ::waitpid(inside, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
    }
    int status = 0;
    REQUIRE(::waitpid(outside, &status, 0) == outside);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        WARN("not tried: process namespaces are forbidden here");
    else
        CHECK(WEXITSTATUS(status) == 0);
}
