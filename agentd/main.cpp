// agentd: holds logins and proxies for one user. Options, one io_context, one catch; everything
// else is in daemon.cpp.

#include "agentd/check_config.hpp"
#include "agentd/daemon.hpp"
#include "agentd/notify.hpp"
#include "async/run_main.hpp"
#include "base/caught.hpp"
#include "base/log.hpp"
#include "base/memory_reserve.hpp"
#include "base/process.hpp"
#include "base/spare_files.hpp"
#include "config/xdg.hpp"
#include "confine/confine.hpp"
#include "net/resolve.hpp"

#include <csignal>
#include <cstdio>
#include <malloc.h>
#include <string_view>

namespace {

constexpr const char* usage =
    "usage: agentd [--version] [--help] [--check-config [FILE]]\n\n"
    "The per-user agent for Boundary. agentctl starts it when needed; a systemd user unit can.\n"
    "AGENTD_LOG=debug|info|warning|error sets what is logged to standard error.\n";

constexpr std::size_t spare_files =
    16; // one Disconnect: its caller, the proxy's socket, the database's journal, …
constexpr std::size_t resolver_threads = 4;

} // namespace

int main(int argc, char** argv) {
    const std::string_view option = argc > 1 ? argv[1] : "";
    if (argc == 2 && option == "--version") {
        std::puts("agentd " AGENT_VERSION);
        return 0;
    }
    if (argc == 2 && (option == "--help" || option == "-h")) {
        std::fputs(usage, stdout);
        return 0;
    }
    if ((argc == 2 || argc == 3) && option == "--check-config")
        return agentd::check_config(argc == 3 ? argv[2] : "");
    if (argc > 1) {
        std::fputs(usage, stderr);
        return 3;
    }
    ::mallopt(
        M_MMAP_THRESHOLD,
        256 * 1024); // a large answer's memory goes back when it is freed, also the second one's
    agent::harden_process();
    agent::log::set_level_from_environment();
    agentd::meet_manager();
    agent::confine::give_up_privileges();
    if (const auto folder = agent::config::state_directory())
        agent::log::bound_file(*folder + "/agentd.log");
    std::signal(SIGHUP, SIG_IGN); // the terminal that started us may close
    agent::keep_memory_reserve();
    agent::keep_spare_files(spare_files);
    agent::net::start_resolver(resolver_threads); // the last threads of this process
    const auto ended = agent::async::run_main(agentd::run_daemon());
    if (ended) return 0;
    agent::log::error("{}", agent::one_line(ended.error()));
    return 2;
}
