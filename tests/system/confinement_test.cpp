// What our programs give up, however they are started: asked of the kernel, and tried.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/loopback_server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <set>
#include <sstream>

using namespace agent::test;

namespace {

using Words = std::set<std::string>;

/// NAME in "NAME value" of /proc/PID/status.
std::string status_of(pid_t pid, const std::string& name) {
    std::istringstream status(read_text("/proc/" + std::to_string(pid) + "/status"));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":"))
            return line.substr(line.find_first_not_of("\t ", name.size() + 1));
    return {};
}

void check_confined(const char* program, pid_t pid, int filters) {
    INFO(program << " pid " << pid);
    REQUIRE(pid > 1);
    const auto name = read_text("/proc/" + std::to_string(pid) + "/comm");
    CHECK(name == std::string(program).substr(0, 15) + "\n");
    CHECK(status_of(pid, "NoNewPrivs") == "1");
    CHECK(status_of(pid, "Seccomp") == "2");
    CHECK(std::stoi("0" + status_of(pid, "Seccomp_filters")) >= filters);
}

pid_t parent_of(pid_t pid) {
    return std::stoi("0" + status_of(pid, "PPid"));
}

/// Of this process; the kernel keeps 15 bytes of the name.
pid_t child_named(const std::string& name) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::istringstream children(read_text(task.path() / "children"));
        for (pid_t pid = 0; children >> pid;)
            if (read_text("/proc/" + std::to_string(pid) + "/comm") == name + "\n") return pid;
    }
    return 0;
}

agent::UniqueFd listen_at(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket.get(), 8) == 0);
    return socket;
}

/// What the probe said, by name.
struct Tried {
    std::map<std::string, std::string> results;
    std::string said;

    explicit Tried(const std::string& profile) {
        const TempDir folder;
        for (const char* name : {"sockets", "state"}) folder.folder(name);
        for (const char* name : {"secret", "victim", "config"}) folder.file(name, "secret");
        const auto agent = listen_at(folder / "agent");
        const auto abstract = listen_at("@" + folder.path().string());
        const LoopbackServer target(serve_greeting("welcome\n"));
        Process::Options options;
        options.environment = {{"LANG", "C.UTF-8"}};
        Process victim({"/bin/sleep", "60"}, options);
        const auto ended =
            run_program({CONFINEMENT_PROBE, profile, folder.path(), std::to_string(target.port()),
                         std::to_string(victim.pid())},
                        options);
        said = ended.out + ended.err + "exit " + std::to_string(ended.exit);
        std::istringstream lines(ended.out);
        for (std::string line; std::getline(lines, line);) {
            const auto space = line.find_last_of(" \t");
            if (space != std::string::npos) results[line.substr(0, space)] = line.substr(space + 1);
        }
    }
    void works(const Words& names) const {
        for (const auto& name : names) {
            INFO(said << "\n" << name);
            CHECK(results.contains(name));
            CHECK(results.at(name) == "ok");
        }
    }
    void refused(const Words& names) const {
        const Words refusals{"EPERM", "EACCES", "ENOSYS", "EAFNOSUPPORT"};
        for (const auto& name : names) {
            INFO(said << "\n" << name);
            CHECK(results.contains(name));
            CHECK(refusals.contains(results.at(name)));
        }
    }
};

const Words needs_of_all{"resolve",
                         "dial",
                         "read resolv.conf",
                         "random bytes",
                         "nothing to read",
                         "who owns a socket",
                         "addresses of this machine",
                         "table of sockets",
                         "more memory",
                         "new thread",
                         "older thread: resolve"};

/// What no user of the machine is kept from, so that a refusal is the confinement's.
const Words open_to_all{"fork",
                        "older thread: fork",
                        "ptrace",
                        "signal",
                        "signal to a thread",
                        "limits of another",
                        "environment of another",
                        "command line of another",
                        "descriptors of another",
                        "keyctl",
                        "add_key",
                        "personality",
                        "packet filter",
                        "abstract socket",
                        "agent's socket",
                        "read a secret",
                        "write a secret",
                        "truncate a secret",
                        "open a secret",
                        "new file",
                        "new file among the sockets",
                        "new folder",
                        "remove a file",
                        "new link",
                        "writable and executable",
                        "made executable",
                        "listen on TCP",
                        "execve"};

/// Refused to whoever has no privileges, or not everywhere to be had: confined, nobody gets as far
/// as that.
const Words rare{"new user namespace",
                 "unshare",
                 "mount",
                 "bpf",
                 "perf",
                 "userfaultfd",
                 "io_uring",
                 "type into a terminal",
                 "packet socket",
                 "kernel's ciphers",
                 "raw socket",
                 "nftables"};

Words all_attacks() {
    Words all = open_to_all;
    all.insert(rare.begin(), rare.end());
#ifdef __SANITIZE_ADDRESS__ // whose check for leaks makes a process: src/confine/README.md
    for (const char* made : {"fork", "older thread: fork", "new user namespace"}) all.erase(made);
#endif
    return all;
}

Words without(Words all, const Words& some) {
    for (const auto& one : some) all.erase(one);
    return all;
}

/// Of version 6. Without it there is less to test.
bool has_landlock() {
    const bool has = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 6;
    if (!has) WARN("not tested: this kernel has no Landlock of version 6");
    return has;
}

} // namespace

TEST_CASE("confinement: every program that is started without systemd has given up privileges and "
          "system calls") {
    LoopbackServer target(serve_greeting("welcome\n"));
    DevEnvironment world({.target_port = target.port()});
    world.environment.erase("AGENTD"); // which would mean no supervisor
    world.login();
    const auto listening = world.connect_detached({"-target-id", target_id, "-name", "pg"});
    const auto connection = connect_loopback(listening.at("port").get<std::uint16_t>());
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");

    const auto agent = world.agent_pid();
    const auto proxies = world.proxies();
    REQUIRE(proxies.size() == 1);
    check_confined("agentd", agent, 1);
#ifdef AGENT_SUPERVISOR_PROGRAM
    check_confined("agent-supervisor", parent_of(agent), 1);
#endif
    check_confined("agent-proxy", proxies[0].at("pid").get<pid_t>(), 3);
    check_confined("agent-dev-server", child_named("agent-dev-serve"), 3);
    const auto console =
        world.agentctl_json({"console", "-no-open", "-idle-timeout", "1m"}).at("pid").get<pid_t>();
    check_confined("agent-console", console, 2);
    ::kill(console, SIGTERM);
}

TEST_CASE("confinement: a kernel that knows neither Landlock nor seccomp is told of once, and "
          "everything works") {
    LoopbackServer target(serve_greeting("welcome\n"));
    DevEnvironment world({.target_port = target.port(), .server_prefix = {OLD_KERNEL}});
    const auto script =
        world.folder().file("agentd-there", "#!/bin/sh\nexec " OLD_KERNEL " " AGENTD_PROGRAM "\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    world.environment["AGENTD"] = script;
    world.login();
    const auto listening = world.connect_detached({"-target-id", target_id, "-name", "pg"});
    const auto connection = connect_loopback(listening.at("port").get<std::uint16_t>());
    CHECK(receive_exactly(connection.get(), 8) == "welcome\n");
    const auto log = read_text(world.folder() / "state/agentd/agent-proxy.log");
    INFO(log);
    for (const std::string words : {"no Landlock here", "no seccomp filter here"}) {
        const auto first = log.find(words);
        CHECK(first != std::string::npos);
        CHECK(log.find(words, first + 1) == std::string::npos);
    }
    CHECK(world.agentctl({"status"}).err == "");
}

TEST_CASE("confinement: without it, what is tried below succeeds") {
    const Tried none("none");
    none.works(needs_of_all);
    none.works(open_to_all);
    none.works({"listen at a socket", "state file", "configuration"});
}

TEST_CASE("confinement: whoever takes an agent-proxy over runs nothing, reads and writes no file "
          "and reaches no agent") {
    if (!has_landlock()) return;
    const Tried proxy("agent-proxy");
    proxy.works(needs_of_all);
    proxy.works({"listen at a socket"});
    proxy.refused(all_attacks());
    proxy.refused({"state file", "configuration"});
    CHECK(proxy.results.at("NoNewPrivs:") == "1");
    CHECK(proxy.results.at("Seccomp:") == "2");
}

TEST_CASE("confinement: whoever takes an agent-console over reaches agentd, and no file") {
    if (!has_landlock()) return;
    const Tried console("agent-console");
    console.works(needs_of_all);
    console.works({"agent's socket"});
    console.refused(without(all_attacks(), {"agent's socket"}));
    console.refused({"state file", "configuration"});
}

TEST_CASE("confinement: whoever takes a dev server over has its state and its configuration") {
    if (!has_landlock()) return;
    const Tried server("agent-dev-server");
    server.works(needs_of_all);
    server.works({"state file", "configuration"});
    server.refused(all_attacks());
}

TEST_CASE("confinement: agentd starts programs and reads what it is told to, and nothing that it "
          "starts gains privileges") {
    const Tried agentd("agentd");
    agentd.works(needs_of_all);
    agentd.works({"fork", "execve", "keyctl", "add_key", "signal", "agent's socket",
                  "abstract socket", "read a secret", "new file", "listen on TCP", "state file"});
    Words wanted = rare;
    wanted.insert({"ptrace", "personality"});
#ifdef __SANITIZE_ADDRESS__
    wanted.erase("ptrace"); // with which it looks for leaks
#endif
    agentd.refused(without(wanted, {"raw socket", "nftables"}));
    CHECK(agentd.results.at("NoNewPrivs:") == "1");
    CHECK(agentd.results.at("Seccomp:") == "2");
}
