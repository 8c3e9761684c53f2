// console: the admin console in the browser, for the cluster that the agent is signed in to. Starts
// agent-console, tells it where agentd is, and opens the address that it says.

#include "ipc/messages/list_clusters.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/find_program.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/run_program.hpp"

#include "base/unique_fd.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

extern char** environ;

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;
using agent::UniqueFd;

constexpr int start_limit_ms = 15'000;

struct Started {
    std::string address;
    std::int64_t pid = 0;
    static constexpr auto fields =
        std::tuple{ipc::field("address", &Started::address), ipc::field("pid", &Started::pid)};
};

/// Little of our environment: what holds a token or password for one command has no business in
/// what stays.
std::vector<char*> console_environment() {
    static constexpr std::array wanted{
        "PATH=", "LANG=", "TZ=", "AGENTD_LOG=", "ASAN_OPTIONS=", "UBSAN_OPTIONS="};
    std::vector<char*> kept;
    for (char** entry = environ; *entry != nullptr; ++entry)
        if (std::ranges::any_of(wanted, [&](const char* name) {
                return std::string_view(*entry).starts_with(name);
            }))
            kept.push_back(*entry);
    kept.push_back(nullptr);
    return kept;
}

/// In a session of its own: closing the terminal must not end it.
agent::Result<pid_t> spawn(const std::string& program, int in, int out) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&how);
    ::posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigset_t pipe_signal; // ignored by us, and so by whom we start
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&how, &pipe_signal);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    std::array<char*, 2> arguments{const_cast<char*>(program.c_str()), nullptr};
    auto environment = console_environment();
    pid_t pid = 0;
    const int problem =
        ::posix_spawn(&pid, program.c_str(), &files, &how, arguments.data(), environment.data());
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    if (problem != 0) return fail_errno(Errc::environment, Hop::local, "run " + program, problem);
    return pid;
}

agent::Result<Started> read_line(int fd) {
    std::string line;
    while (line.find('\n') == line.npos && line.size() < 65'536) {
        pollfd entry{fd, POLLIN, 0};
        const int ready = ::poll(&entry, 1, start_limit_ms);
        if (ready < 0 && errno == EINTR) continue;
        char bytes[1024];
        const auto n = ready > 0 ? ::read(fd, bytes, sizeof bytes) : 0;
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(Errc::environment, Hop::local, "agent-console did not start");
        line.append(bytes, static_cast<std::size_t>(n));
    }
    const auto json = agent::parse_json(line);
    if (!json) return json.error();
    Started started;
    if (auto read = ipc::from_json(*json, started); !read) return read.error();
    return started;
}

agent::Result<Started> start(const ipc::Cluster& cluster, std::optional<std::int64_t> idle_ms) {
    const auto program = find_program("agent-console");
    if (!program)
        return fail(Errc::environment, Hop::local, "there is no program agent-console",
                    "Install it beside agentctl or on PATH.");
    const auto socket = agent_socket_path();
    if (!socket) return socket.error();
    // What it needs to know goes through a pipe: it may hold a token, and arguments are for
    // everybody to read.
    agent::Json settings = agent::Json::object();
    settings["socket"] = *socket;
    settings["cluster"] = ipc::to_json(cluster);
    if (idle_ms) settings["idle_ms"] = *idle_ms;
    const std::string text = agent::dump_json(settings) + "\n";
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0)
        return fail_errno(Errc::environment, Hop::local, "pipe", errno);
    UniqueFd in_read(in[0]);
    UniqueFd in_write(in[1]);
    if (::pipe2(out, O_CLOEXEC) != 0)
        return fail_errno(Errc::environment, Hop::local, "pipe", errno);
    UniqueFd out_read(out[0]);
    UniqueFd out_write(out[1]);
    const auto pid = spawn(*program, in_read.get(), out_write.get());
    if (!pid) return pid.error();
    out_write.reset();
    if (::write(in_write.get(), text.data(), text.size()) !=
        static_cast<ssize_t>(text.size())) // fits any pipe
        return fail_errno(Errc::environment, Hop::local, "tell agent-console what to do", errno);
    in_write.reset();
    return read_line(out_read.get());
}

} // namespace

Outcome console(const Invocation& invocation) {
    ClientFlags client;
    bool no_open = false;
    std::optional<std::int64_t> idle_ms;
    Flags flags = invocation.flags();
    flags.boolean("no-open", no_open, "Only print the address; open no browser.");
    flags.duration("idle-timeout", idle_ms,
                   "End the console when nobody has used it for so long; 30m when missing.");
    client.add_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const Attempt attempt{"console", "open the console"};
    const auto known = call_agent<ipc::ListClusters>({}); // starts the agent when it is not there
    if (!known) return Failure{known.error(), attempt};
    auto cluster = begun.cluster;
    if (!cluster.name && !cluster.address) // the console stays with what is current now
        for (const auto& one : known->clusters)
            if (one.current && !one.name.empty()) cluster.name = one.name;
    const auto started = start(cluster, idle_ms);
    if (!started) return Failure{started.error(), attempt};
    bool opened = false;
    if (!no_open && find_program("xdg-open") &&
        (std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr)) {
        const auto ran = run_program({"xdg-open", started->address});
        opened = ran && ran->ok();
    }
    return Answer(
        (opened ? "Opened the console in your browser. Its address, good for one browser:\n  "
                : "Open this address in a browser; it is good for one:\n  ") +
            started->address + "\nThe console ends by itself when nobody uses it.\n",
        json_line(*started));
}

} // namespace agentctl
