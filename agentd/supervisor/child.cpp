#include "agentd/supervisor/child.hpp"

#include "base/log.hpp"
#include "base/spawn.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

namespace supervisor {
namespace {

using agent::Errc;
using agent::Hop;

constexpr int first_given = 3; // SD_LISTEN_FDS_START
constexpr int not_run = 127;

/// Puts them at 3, 4, …, where they stay open through exec. Whatever was there is the supervisor's
/// and not needed here.
bool place(const std::vector<int>& descriptors) {
    std::vector<int> aside;
    const int above = first_given + static_cast<int>(descriptors.size());
    for (const int one : descriptors) {
        aside.push_back(::fcntl(one, F_DUPFD_CLOEXEC, above));
        if (aside.back() < 0) return false;
    }
    for (std::size_t i = 0; i < aside.size(); ++i)
        if (::dup2(aside[i], first_given + static_cast<int>(i)) < 0) return false;
    return true;
}

void set(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);
}

void complain(std::string what) {
    agent::log::error(
        "{}", agent::fail_errno(Errc::environment, Hop::local, std::move(what), errno).message);
}

// Not agent::spawn(): what agentd is told names its own pid, which only it knows. The supervisor
// has one thread, so this copy of it may do what it likes before exec.
[[noreturn]] void become(const std::string& program, const Child::Inheritance& given) {
    std::vector<int> descriptors{given.callers};
    std::string names = "agentd.socket";
    for (const auto& entry : given.store->entries()) {
        descriptors.push_back(entry.socket.get());
        names += ":" + entry.name;
    }
    const std::string self = std::to_string(::getpid());
    set("LISTEN_PID", self);
    set("LISTEN_FDS", std::to_string(descriptors.size()));
    set("LISTEN_FDNAMES", names);
    set("NOTIFY_SOCKET", given.notify_socket);
    set("FDSTORE", std::to_string(given.store->limit()));
    set("WATCHDOG_PID", self);
    set("WATCHDOG_USEC", std::to_string(std::chrono::microseconds(given.watchdog).count()));
    if (!place(descriptors)) {
        complain("hand the sockets over");
        ::_exit(not_run);
    }
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 &&
        given.file_limit < files.rlim_cur) { // what is open stays open
        files.rlim_cur = given.file_limit;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::string name = program;
    char* arguments[] = {name.data(), nullptr};
    ::execv(name.c_str(), arguments);
    complain("cannot run " + program);
    ::_exit(not_run);
}

} // namespace

agent::Result<Child> Child::start(const std::string& program, const Inheritance& given) {
    const pid_t pid = ::fork();
    if (pid < 0) return agent::fail_errno(Errc::environment, Hop::local, "fork", errno);
    if (pid == 0) become(program, given);
    auto process = agent::open_process(pid);
    if (!process) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return process.error();
    }
    return Child(pid, std::move(*process));
}

void Child::signal(int number) const {
    if (!reaped_) ::kill(pid_, number); // so the number is still its own
}

std::optional<int> Child::reap() {
    int status = 0;
    if (reaped_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    reaped_ = true;
    return status;
}

} // namespace supervisor
