#include "config/xdg.hpp"

#include "base/private_folder.hpp"

#include <cstdlib>
#include <optional>
#include <unistd.h>

namespace agent::config {
namespace {

constexpr const char* runtime_hint =
    "set XDG_RUNTIME_DIR to a directory of your own with mode 0700, as a login session does";

std::optional<std::string> absolute(const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr || value[0] != '/')
        return std::nullopt; // relative paths are to be ignored, says the standard
    return std::string(value);
}

} // namespace

Result<std::string> runtime_directory() {
    if (auto configured = absolute("XDG_RUNTIME_DIR")) {
        const auto checked = check_folder(*configured, runtime_hint, false);
        if (!checked) return checked.error();
        return *configured;
    }
    const std::string usual = "/run/user/" + std::to_string(::geteuid());
    if (check_folder(usual, {}, false)) return usual;
    return fail(Errc::environment, Hop::local,
                "XDG_RUNTIME_DIR is not set and " + usual + " does not exist", runtime_hint);
}

Result<std::string> agent_directory() {
    auto runtime = runtime_directory();
    if (!runtime) return runtime.error();
    std::string path = *runtime + "/agentd";
    const auto made = ensure_private_folder(path);
    if (!made) return made.error();
    return path;
}

Result<RuntimePaths> runtime_paths() {
    auto directory = agent_directory();
    if (!directory) return directory.error();
    RuntimePaths paths;
    paths.agent_socket = *directory + "/agent.sock";
    paths.lock = *directory + "/agentd.lock";
    paths.proxies = *directory + "/proxies";
    paths.connect = *directory + "/connect";
    for (const auto* folder : {&paths.proxies, &paths.connect})
        if (auto made = ensure_private_folder(*folder); !made) return made.error();
    return paths;
}

Result<std::string> state_directory() {
    std::string path;
    if (auto configured = absolute("XDG_STATE_HOME"))
        path = *configured + "/agentd";
    else if (auto home = absolute("HOME"))
        path = *home + "/.local/state/agentd";
    else
        return fail(Errc::environment, Hop::local, "neither XDG_STATE_HOME nor HOME is set");
    const auto made = ensure_private_folder(path);
    if (!made) return made.error();
    return path;
}

Result<std::string> config_file() {
    if (const auto configured = absolute("XDG_CONFIG_HOME"))
        return *configured + "/agentd/config.toml";
    if (const auto home = absolute("HOME")) return *home + "/.config/agentd/config.toml";
    return fail(Errc::environment, Hop::local, "neither XDG_CONFIG_HOME nor HOME is set");
}

} // namespace agent::config
