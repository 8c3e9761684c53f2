// enable: the agent, and with it the proxies of config.toml, starts at login. systemd's user
// manager does it where our units are installed, the desktop's autostart elsewhere.

#include "ipc/messages/status.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/autostart.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/user_units.hpp"

#include <nlohmann/json.hpp>

#include "base/spawn.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace agentctl {
namespace {

constexpr int end_limit_ms = 20'000; // it lets running calls finish

Answer enabled(const std::string& by, const std::string& text) {
    return {text, agent::dump_json(agent::Json{{"enabled", true}, {"by", by}}) + '\n'};
}

/// The agent-supervisor that would start it again, else the agent itself.
pid_t who_ends(pid_t agent) {
    std::ifstream file("/proc/" + std::to_string(agent) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const auto name_end = stat.rfind(')');
    pid_t parent = 0;
    if (name_end == std::string::npos ||
        std::sscanf(stat.c_str() + name_end, ") %*c %d", &parent) != 1)
        return agent;
    std::ifstream name_of("/proc/" + std::to_string(parent) + "/comm");
    std::string name;
    std::getline(name_of, name);
    return name == std::string_view("agent-supervisor").substr(0, 15)
               ? parent
               : agent; // the kernel keeps 15
}

/// An agent that somebody started by hand would keep the socket and the lock from the service. Its
/// proxies live on.
agent::Status end_detached_agent() {
    if (agent_service_active()) return {};
    const auto path = agent_socket_path();
    if (!path) return path.error();
    auto client = ipc::BlockingClient::connect(*path);
    if (!client) return {}; // none runs
    const auto status = client->call<ipc::Status>({});
    if (!status) return status.error();
    const auto pid = who_ends(static_cast<pid_t>(status->pid));
    const auto process = agent::open_process(pid);
    if (!process) return {}; // meanwhile it has gone
    ::syscall(SYS_pidfd_send_signal, process->get(), SIGTERM, nullptr, 0);
    pollfd ended{process->get(), POLLIN, 0};
    while (::poll(&ended, 1, end_limit_ms) < 0 && errno == EINTR) {
    }
    if ((ended.revents & POLLIN) != 0) return {};
    return agent::fail(agent::Errc::timed_out, agent::Hop::agent,
                       "the running agent (pid " + std::to_string(pid) + ") does not end");
}

agent::Status enable_units() {
    if (auto ended = end_detached_agent(); !ended) return ended;
    if (auto enabled = command_agent_units({"enable", "--now"}); !enabled) return enabled;
    const auto removed = remove_autostart(); // one of them is enough
    if (!removed) return removed.error();
    return {};
}

} // namespace

Outcome enable(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const Attempt attempt{"enable", "start the agent at login"};
    if (agent_units_installed()) {
        if (const auto done = enable_units(); !done) return Failure{done.error(), attempt};
        return enabled("systemd",
                       "The agent starts at login (systemd: agentd.socket, agentd.service).\n"
                       "To have it from boot on, before you log in: loginctl enable-linger\n");
    }
    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (problem)
        return Failure{agent::fail(agent::Errc::environment, agent::Hop::local,
                                   "/proc/self/exe: " + problem.message()),
                       attempt};
    const auto written = write_autostart(self.string());
    if (!written) return Failure{written.error(), attempt};
    const auto running = connect_to_agent();
    if (!running) return Failure{running.error(), attempt};
    return enabled("autostart",
                   "The agent starts when you log in to a desktop (" + *written + ").\n");
}

} // namespace agentctl
