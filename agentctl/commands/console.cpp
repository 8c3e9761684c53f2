// console: the admin console in the browser, for the cluster that the agent is signed in to. Starts
// agent-console, tells it where agentd is, and opens the address that it says.

#include "ipc/messages/list_clusters.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/run_program.hpp"

#include "base/find_program.hpp"
#include "base/spawn.hpp"

#include <nlohmann/json.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
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

constexpr int start_limit_ms = 15'000;

struct Started {
    std::string address;
    std::int64_t pid = 0;
    static constexpr auto fields =
        std::tuple{ipc::field("address", &Started::address), ipc::field("pid", &Started::pid)};
};

/// Little of our environment: what holds a token or password for one command has no business in
/// what stays.
std::vector<std::string> console_environment() {
    static constexpr std::array wanted{
        "PATH=", "LANG=", "TZ=", "AGENTD_LOG=", "ASAN_OPTIONS=", "UBSAN_OPTIONS="};
    std::vector<std::string> kept;
    for (char** entry = environ; *entry != nullptr; ++entry)
        if (std::ranges::any_of(wanted, [&](const char* name) {
                return std::string_view(*entry).starts_with(name);
            }))
            kept.emplace_back(*entry);
    return kept;
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
    const auto program = agent::find_program("agent-console");
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
    auto in = agent::make_pipe();
    if (!in) return in.error();
    auto out = agent::make_pipe();
    if (!out) return out.error();
    agent::Command command;
    command.words = {*program};
    command.environment = console_environment();
    command.in = in->read.get();
    command.out = out->write.get();
    command.own_session = true; // closing the terminal must not end it
    const auto pid = agent::spawn(command);
    if (!pid) return pid.error();
    out->write.reset();
    if (::write(in->write.get(), text.data(), text.size()) !=
        static_cast<ssize_t>(text.size())) // fits any pipe
        return fail_errno(Errc::environment, Hop::local, "tell agent-console what to do", errno);
    in->write.reset();
    return read_line(out->read.get());
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
    if (!no_open && agent::find_program("xdg-open") &&
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
