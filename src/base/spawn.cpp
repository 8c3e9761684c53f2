#include "base/spawn.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

extern char** environ;

namespace agent {
namespace {

/// The two things that posix_spawn is told with.
struct Plan {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;

    Plan() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;
    ~Plan() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&files);
    }

    void put(int descriptor, int where, int flags) {
        if (descriptor < 0)
            ::posix_spawn_file_actions_addopen(&files, where, "/dev/null", flags, 0);
        else
            ::posix_spawn_file_actions_adddup2(&files, descriptor, where);
    }
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

void plan_signals(Plan& plan, bool own_session) {
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    if (own_session) sigfillset(&usual);
    ::posix_spawnattr_setsigmask(&plan.attributes, &none);
    ::posix_spawnattr_setsigdefault(&plan.attributes, &usual);
    ::posix_spawnattr_setflags(&plan.attributes,
                               static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                  (own_session ? POSIX_SPAWN_SETSID : 0)));
}

} // namespace

Result<pid_t> spawn(const Command& command, std::string attempt) {
    Plan plan;
    plan.put(command.in, STDIN_FILENO, O_RDONLY);
    plan.put(command.out, STDOUT_FILENO, O_WRONLY);
    plan.put(command.err, STDERR_FILENO, O_WRONLY);
    int first_closed = STDERR_FILENO + 1;
    // last: it may have been the number of one above
    if (command.third >= 0) plan.put(command.third, first_closed++, 0);
    if (!command.all_descriptors)
        ::posix_spawn_file_actions_addclosefrom_np(&plan.files, first_closed);
    if (!command.folder.empty())
        ::posix_spawn_file_actions_addchdir_np(&plan.files, command.folder.c_str());
    plan_signals(plan, command.own_session);
    const auto words = pointers_to(command.words);
    std::vector<char*> variables;
    if (command.environment) variables = pointers_to(*command.environment);
    const std::string& program = command.program.empty() ? command.words.at(0) : command.program;
    pid_t pid = -1;
    const int problem =
        ::posix_spawnp(&pid, program.c_str(), &plan.files, &plan.attributes, words.data(),
                       command.environment ? variables.data() : environ);
    if (attempt.empty()) attempt = "run " + program;
    if (problem != 0) return fail_start(Errc::environment, Hop::local, std::move(attempt), problem);
    return pid;
}

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail_errno(Errc::environment, Hop::local, "pipe", errno);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<UniqueFd> open_process(pid_t pid) {
    // glibc 2.36 declares pidfd_open for C only
    UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process)
        return fail_errno(Errc::environment, Hop::local, "pidfd_open of pid " + std::to_string(pid),
                          errno);
    return process;
}

} // namespace agent
