#include "keyring/whose.hpp"

#include "keyring/kernel.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace agent::keyring {
namespace {

std::string from_environment() {
    const char* apart = std::getenv("AGENTD_KEYRING_PREFIX");
    return apart == nullptr ? "" : apart;
}

/// HOME may be another one in a program that wants to be apart. From /etc/passwd alone: a directory
/// service may keep whoever asks it waiting.
std::string home_of_user() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"),
                                                               &std::fclose);
    while (const passwd* row = file ? ::fgetpwent(file.get()) : nullptr)
        if (row->pw_uid == ::geteuid()) return row->pw_dir;
    const char* home = std::getenv("HOME");
    return home == nullptr ? "" : home;
}

std::string resolved(const std::string& path) {
    std::error_code problem;
    const auto found = std::filesystem::weakly_canonical(path, problem);
    return problem ? path : found.string();
}

} // namespace

std::string mark_of_agent(const std::string& state_folder) {
    if (auto apart = from_environment(); !apart.empty()) return apart;
    const std::string folder = resolved(state_folder);
    return folder == resolved(home_of_user() + "/.local/state/agentd") ? "" : folder;
}

std::string kernel_prefix(const std::string& mark) {
    if (mark.empty() || mark == from_environment()) return KernelKeyring::prefix_for("login");
    return "agentd@" + mark + ":login:";
}

std::string service_schema(const std::string& mark) {
    return mark.empty() ? "org.agentd.Login" : "org.agentd.Login@" + mark;
}

} // namespace agent::keyring
