#include "agentctl/run_program.hpp"

#include "agentctl/inherited.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

extern char** environ;

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;
using agent::UniqueFd;

constexpr std::chrono::seconds limit{30};
constexpr std::size_t max_output = 1 << 20;

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

agent::Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail_errno(Errc::environment, Hop::local, "pipe", errno);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

agent::Result<pid_t> spawn(const std::vector<std::string>& words, int out, int err) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&how);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    sigset_t pipe_signal; // ignored by us, and so by whom we start
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&how, &pipe_signal);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> pointers;
    for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    const InheritedUmask usual; // a browser is not ours
    pid_t pid = 0;
    const int problem = ::posix_spawnp(&pid, pointers[0], &files, &how, pointers.data(), environ);
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    if (problem != 0) return fail_errno(Errc::environment, Hop::local, "run " + words[0], problem);
    return pid;
}

/// Until both have ended; false when the time is up.
bool read_both(Ran& ran, const UniqueFd& out, const UniqueFd& err) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::array<pollfd, 2> fds{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    std::array<std::string*, 2> texts{&ran.out, &ran.err};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            return false;
        for (std::size_t i = 0; i < fds.size(); ++i) {
            if (fds[i].fd < 0 || fds[i].revents == 0) continue;
            char bytes[4096];
            const auto n = ::read(fds[i].fd, bytes, sizeof bytes);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0)
                fds[i].fd = -1;
            else if (texts[i]->size() < max_output)
                texts[i]->append(bytes, static_cast<std::size_t>(n));
        }
    }
    return true;
}

} // namespace

agent::Result<Ran> run_program(const std::vector<std::string>& words) {
    auto out = make_pipe();
    if (!out) return out.error();
    auto err = make_pipe();
    if (!err) return err.error();
    const auto pid = spawn(words, out->write.get(), err->write.get());
    if (!pid) return pid.error();
    out->write.reset();
    err->write.reset();
    Ran ran;
    const bool ended = read_both(ran, out->read, err->read);
    if (!ended) ::kill(*pid, SIGKILL);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended)
        return fail(Errc::timed_out, Hop::local, words[0] + " did not end within 30 seconds");
    ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    while (!ran.err.empty() && ran.err.back() == '\n') ran.err.pop_back();
    return ran;
}

} // namespace agentctl
