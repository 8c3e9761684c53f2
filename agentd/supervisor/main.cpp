// agent-supervisor: keeps agentd running where no systemd does. One argument, hardening, one catch;
// supervisor.cpp is the loop.

#include "agentd/notify.hpp"
#include "agentd/supervisor/claim.hpp"
#include "agentd/supervisor/supervisor.hpp"
#include "base/caught.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "config/xdg.hpp"
#include "confine/confine.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>

namespace {

constexpr const char* usage =
    "usage: agent-supervisor AGENTD\n\n"
    "Starts AGENTD, the path of that program, and starts it again when it dies or hangs, "
    "where no systemd does.\n"
    "AGENTD_LOG=debug|info|warning|error sets what is logged to standard error.\n";

constexpr rlim_t files_of_ours = 64; // beside the store's

std::chrono::milliseconds watchdog_period() {
    constexpr std::chrono::milliseconds usual{30'000};
    const char* text = std::getenv("AGENT_SUPERVISOR_WATCHDOG_MS");
    if (text == nullptr) return usual;
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text, text + std::strlen(text), number);
    if (problem != std::errc() || *end != '\0' || number <= 0 || number > usual.count())
        return usual;
    return std::chrono::milliseconds(number);
}

/// Makes room for the store; returns the limit that there was.
rlim_t raise_file_limit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 1024;
    const rlim_t before = files.rlim_cur;
    // Twice: while it hands them over, a child has each of them a second time.
    files.rlim_cur = std::min(files.rlim_max, std::max<rlim_t>(before, 2 * (2048 + files_of_ours)));
    ::setrlimit(RLIMIT_NOFILE, &files);
    return before;
}

agent::Result<int> supervise(std::string program) {
    const auto paths = agent::config::runtime_paths();
    if (!paths) return paths.error();
    const auto directory = agent::config::agent_directory();
    if (!directory) return directory.error();
    supervisor::Places places;
    places.callers = paths->agent_socket;
    places.agentd_lock = paths->lock;
    places.own_lock = *directory + "/supervisor.lock";
    places.notify = *directory + "/supervisor.sock";
    const auto claimed = supervisor::claim(places);
    if (!claimed) return claimed.error();
    if (!*claimed) {
        agent::log::info("agentd is already running: {} answers", places.callers);
        return 0;
    }
    auto notify = supervisor::NotifySocket::open(places.notify);
    if (!notify) return notify.error();
    auto callers = supervisor::CallersSocket::listen(places.callers);
    if (!callers) return callers.error();
    supervisor::Supervisor::Options options;
    options.program = std::move(program);
    options.watchdog = watchdog_period();
    options.file_limit = raise_file_limit();
    return supervisor::Supervisor(std::move(options), std::move(*callers), std::move(*notify))
        .run();
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view word = argc == 2 ? argv[1] : "";
    if (word == "--version") {
        std::puts("agent-supervisor " AGENT_VERSION);
        return 0;
    }
    if (word == "--help" || word == "-h") {
        std::fputs(usage, stdout);
        return 0;
    }
    if (!word.starts_with('/')) {
        std::fputs(usage, stderr);
        return 3;
    }
    agent::harden_process();
    agent::log::set_level_from_environment();
    agentd::meet_manager();
    agent::confine::give_up_privileges(); // agentd, too
    if (const auto folder = agent::config::state_directory())
        agent::log::bound_file(*folder + "/agentd.log");
    try {
        const auto status = supervise(std::string(word));
        if (status) return *status;
        agent::log::error("{}", agent::one_line(status.error()));
    } catch (...) {
        agent::log::error("{}", agent::caught_text());
    }
    return 2;
}
