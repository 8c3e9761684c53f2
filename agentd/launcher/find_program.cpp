#include "agentd/launcher/find_program.hpp"

#include <filesystem>
#include <unistd.h>

namespace agentd {

std::optional<std::string> find_program(const std::string& name) {
    std::error_code ec;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
    if (ec) return std::nullopt;
    const auto folder = self.parent_path();
    for (const auto& place : {folder / name, folder.parent_path() / "libexec" / "agentd" / name})
        if (::access(place.c_str(), X_OK) == 0) return place.string();
    return std::nullopt;
}

} // namespace agentd
