#include "agentctl/start_agent.hpp"

#include "agentctl/ready_socket.hpp"
#include "base/find_program.hpp"
#include "base/private_folder.hpp"
#include "base/spawn.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;
using agent::UniqueFd;

constexpr std::chrono::seconds start_limit{10};
constexpr off_t max_log_bytes = 4 << 20;

struct Log {
    std::string path;
    UniqueFd file;
    off_t begin = 0; ///< where this start's lines begin
};

// A log is worth having, but not worth failing for: a read-only home leaves /dev/null.
Log open_log() {
    Log log;
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    std::filesystem::path folder;
    if (state != nullptr && *state == '/')
        folder = state;
    else if (home != nullptr && *home == '/')
        folder = std::filesystem::path(home) / ".local/state";
    if (!folder.empty()) folder /= "agentd";
    if (!folder.empty() && agent::ensure_private_folder(folder)) {
        log.path = folder / "agentd.log";
        log.file.reset(
            ::open(log.path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    }
    struct stat status{};
    if (log.file && ::fstat(log.file.get(), &status) == 0) {
        if (status.st_size > max_log_bytes && ::ftruncate(log.file.get(), 0) == 0)
            status.st_size = 0;
        log.begin = status.st_size;
        return log;
    }
    log.path.clear();
    log.file.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
    return log;
}

std::string last_lines(const Log& log) {
    if (log.path.empty()) return {};
    struct stat status{};
    if (::fstat(log.file.get(), &status) != 0 || status.st_size <= log.begin) return {};
    const off_t from = std::max(log.begin, status.st_size - 1000);
    std::string text(static_cast<std::size_t>(status.st_size - from), '\0');
    const ssize_t n = ::pread(log.file.get(), text.data(), text.size(), from);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// What agentd may know of our environment. Not all of it: the variables of one command (BOUNDARY_*,
// a token or password named by env://) have no business in a process that serves every later one.
std::vector<std::string> agent_environment(const std::string& notify_socket) {
    static constexpr std::array names{"HOME=",
                                      "USER=",
                                      "LOGNAME=",
                                      "SHELL=",
                                      "PATH=",
                                      "LANG=",
                                      "TZ=",
                                      "TMPDIR=",
                                      "DISPLAY=",
                                      "WAYLAND_DISPLAY=",
                                      "DBUS_SESSION_BUS_ADDRESS=",
                                      "DBUS_SYSTEM_BUS_ADDRESS=",
                                      "PASSWORD_STORE_DIR=",
                                      "GNUPGHOME=",
                                      "SSL_CERT_FILE=",
                                      "SSL_CERT_DIR="};
    static constexpr std::array prefixes{"XDG_", "LC_", "AGENT", "ASAN_", "UBSAN_", "LSAN_"};
    std::vector<std::string> environment{"NOTIFY_SOCKET=" + notify_socket};
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto begins = [&](const char* word) { return text.starts_with(word); };
        if (std::ranges::any_of(names, begins) || std::ranges::any_of(prefixes, begins))
            environment.emplace_back(text);
    }
    return environment;
}

// READY=1 on `notify`, or the end of `process`.
agent::Status await_ready(const ReadySocket& notify, int process, pid_t pid,
                          const std::string& program, const Log& log) {
    const auto deadline = std::chrono::steady_clock::now() + start_limit;
    const std::string see = log.path.empty() ? std::string() : "See " + log.path + ".";
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return fail(Errc::agent_unreachable, Hop::agent,
                        program + " was started but is not ready after 10 seconds", see);
        std::array<pollfd, 2> fds{pollfd{notify.descriptor(), POLLIN, 0},
                                  pollfd{process, POLLIN, 0}};
        if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            return fail_errno(Errc::environment, Hop::local, "poll", errno);
        if ((fds[0].revents & POLLIN) != 0 && notify.take_ready()) return {};
        if ((fds[1].revents & POLLIN) != 0) {
            int status = 0;
            ::waitpid(pid, &status, 0);
            std::string text = program + " ended at once";
            if (WIFEXITED(status) && WEXITSTATUS(status) == 127) text = "cannot run " + program;
            const std::string lines = last_lines(log);
            return fail(Errc::agent_unreachable, Hop::agent,
                        lines.empty() ? text : text + ": " + lines, see);
        }
    }
}

} // namespace

agent::Status start_agent() {
    const char* variable = std::getenv("AGENTD");
    const bool named = variable != nullptr && *variable != '\0';
    const auto program =
        named ? std::optional<std::string>(variable) : agent::find_program("agentd");
    if (!program)
        return fail(Errc::agent_unreachable, Hop::agent,
                    "agentd is not running, and there is no such program to start",
                    "Install it beside agentctl or on PATH, or name it in the environment variable "
                    "AGENTD.");

    const auto notify = ReadySocket::open();
    if (!notify) return notify.error();
    std::vector<std::string> command{*program};
    const auto supervisor = named ? std::nullopt : agent::find_program("agent-supervisor");
    if (supervisor) command.insert(command.begin(), *supervisor);

    Log log = open_log();
    agent::Command start;
    start.words = std::move(command);
    start.environment = agent_environment(notify->path());
    start.folder = "/";
    start.err = log.file.get();
    start.own_session = true; // no terminal: closing it must not end the agent
    const auto pid = agent::spawn(start, "cannot run " + start.words[0]);
    if (!pid)
        return fail(Errc::agent_unreachable, Hop::agent, pid.error().message, pid.error().hint);
    const auto process = agent::open_process(*pid);
    if (!process) return process.error();
    return await_ready(*notify, process->get(), *pid, *program, log);
}

} // namespace agentctl
