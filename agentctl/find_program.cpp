#include "agentctl/find_program.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace agentctl {
namespace {

bool runnable(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::optional<std::string> find_program(std::string_view name) {
    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (!problem) {
        const auto folder = self.parent_path();
        // ../NAME is where a build tree puts it: one folder for each program
        for (const auto& candidate : {folder / name, folder.parent_path() / "libexec/agentd" / name,
                                      folder.parent_path() / name / name})
            if (runnable(candidate)) return candidate.string();
    }
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    while (!rest.empty()) {
        const auto folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
        // A relative folder on PATH would let the working directory choose what is run with the
        // user's login.
        if (folder.starts_with('/') && runnable(std::filesystem::path(folder) / name))
            return (std::filesystem::path(folder) / name).string();
    }
    return std::nullopt;
}

} // namespace agentctl
