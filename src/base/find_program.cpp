#include "base/find_program.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace agent {
namespace {

bool runnable(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::optional<std::string> find_own_program(std::string_view name) {
    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (problem) return std::nullopt;
    const auto folder = self.parent_path();
    for (const auto& candidate : {folder / name, folder.parent_path() / "libexec/agentd" / name})
        if (runnable(candidate)) return candidate.string();
    return std::nullopt;
}

std::optional<std::string> find_on_path(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    while (!rest.empty()) {
        const auto folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
        const auto candidate = std::filesystem::path(folder) / name;
        if (folder.starts_with('/') && runnable(candidate)) return candidate.string();
    }
    return std::nullopt;
}

std::optional<std::string> find_program(std::string_view name) {
    auto own = find_own_program(name);
    return own ? own : find_on_path(name);
}

} // namespace agent
