#include "agentctl/autostart.hpp"

#include "base/private_folder.hpp"
#include "base/replace_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail_errno;
using agent::Hop;

/// One argument of Exec=: quoted for its own grammar, whose backslashes the file's grammar wants
/// doubled once more.
std::string exec_argument(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '%') quoted += '%';
        if (c == '"' || c == '`' || c == '$') quoted += "\\\\";
        if (c == '\\') quoted += "\\\\\\";
        quoted += c;
    }
    return quoted + '"';
}

} // namespace

agent::Result<std::string> autostart_path() {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    if (config != nullptr && *config == '/')
        return std::string(config) + "/autostart/agentd.desktop";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/')
        return std::string(home) + "/.config/autostart/agentd.desktop";
    return agent::fail(Errc::environment, Hop::local, "neither XDG_CONFIG_HOME nor HOME is set");
}

std::string autostart_entry(std::string_view program) {
    return "# Written by `agentctl enable`, removed by `agentctl disable`.\n"
           "[Desktop Entry]\n"
           "Type=Application\n"
           "Name=agentd\n"
           "Comment=Agent for HashiCorp Boundary\n"
           "Exec=" +
           exec_argument(program) +
           " start\n"
           "Terminal=false\n"
           "NoDisplay=true\n";
}

agent::Result<std::string> write_autostart(std::string_view program) {
    auto path = autostart_path();
    if (!path) return path;
    (void)agent::make_private_folder(
        std::filesystem::path(*path).parent_path()); // else the next line fails and says so
    if (auto written = agent::replace_file(*path, autostart_entry(program)); !written)
        return written.error();
    return path;
}

agent::Result<bool> remove_autostart() {
    const auto path = autostart_path();
    if (!path) return path.error();
    if (::unlink(path->c_str()) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return fail_errno(Errc::environment, Hop::local, "remove " + *path, errno);
}

} // namespace agentctl
