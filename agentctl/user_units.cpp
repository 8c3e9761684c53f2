#include "agentctl/user_units.hpp"

#include "agentctl/run_program.hpp"

#include <unistd.h>

#include <cstdlib>

namespace agentctl {
namespace {

constexpr const char* socket_unit = "agentd.socket";
constexpr const char* service_unit = "agentd.service";

/// Its own socket; looking for it is cheaper than a systemctl that fails.
bool user_manager_runs() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    return runtime != nullptr && *runtime == '/' &&
           ::access((std::string(runtime) + "/systemd/private").c_str(), F_OK) == 0;
}

} // namespace

bool agent_units_installed() {
    if (!user_manager_runs()) return false;
    const auto ran =
        run_program({"systemctl", "--user", "cat", "--no-pager", socket_unit, service_unit});
    return ran && ran->ok();
}

agent::Status command_agent_units(std::vector<std::string> words) {
    std::vector<std::string> command{"systemctl", "--user"};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {socket_unit, service_unit});
    const auto ran = run_program(command);
    if (!ran) return ran.error();
    if (ran->ok()) return {};
    return agent::fail(
        agent::Errc::agent_unreachable, agent::Hop::agent,
        "systemctl --user " + words.front() + ": " + ran->err,
        "`systemctl --user status agentd.service` and `journalctl --user -u agentd` say more.");
}

bool agent_service_active() {
    if (!user_manager_runs()) return false;
    const auto ran = run_program({"systemctl", "--user", "is-active", service_unit});
    return ran && (ran->ok() || ran->out == "activating\n");
}

} // namespace agentctl
