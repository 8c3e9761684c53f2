// bench-faces COUNT AGENTCTL: how long a question to the agent takes, asked COUNT times. Over
// D-Bus: ListProxies on a connection that stays. As a process: `AGENTCTL list` from its start to
// its end. Prints median and 99th percentile.

#include <systemd/sd-bus.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

[[noreturn]] void give_up(const std::string& what) {
    fmt::print(stderr, "{}\n", what);
    std::exit(1);
}

void measure(const char* name, int count, const std::function<void()>& once) {
    for (int i = 0; i < 5; ++i) once();
    std::vector<double> milliseconds;
    for (int i = 0; i < count; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        once();
        milliseconds.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                .count());
    }
    std::ranges::sort(milliseconds);
    fmt::print("{:30} median {:6.2f} ms   p99 {:6.2f} ms\n", name,
               milliseconds[milliseconds.size() / 2], milliseconds[milliseconds.size() * 99 / 100]);
}

void list_over_bus(sd_bus* bus) {
    sd_bus_message* reply = nullptr;
    if (::sd_bus_call_method(bus, "org.agentd.Agent1", "/org/agentd/Agent1", "org.agentd.Agent1",
                             "ListProxies", nullptr, &reply, "") < 0)
        give_up("ListProxies failed");
    ::sd_bus_message_unref(reply);
}

void list_as_process(std::string agentctl) {
    std::string verb = "list";
    char* words[] = {agentctl.data(), verb.data(), nullptr};
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid = -1;
    int status = 1;
    if (::posix_spawn(&pid, agentctl.c_str(), &files, nullptr, words, environ) != 0 ||
        ::waitpid(pid, &status, 0) != pid || status != 0)
        give_up(agentctl + " list failed");
    ::posix_spawn_file_actions_destroy(&files);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) give_up("usage: bench-faces COUNT AGENTCTL");
    const int count = std::atoi(argv[1]);
    sd_bus* bus = nullptr;
    if (::sd_bus_open_user(&bus) < 0) give_up("no session bus");
    measure("D-Bus ListProxies", count, [bus] { list_over_bus(bus); });
    measure("agentctl list, whole process", count, [argv] { list_as_process(argv[2]); });
    ::sd_bus_unref(bus);
}
