#include "support/exposed.hpp"

#include "support/temp_dir.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace agent::test {
namespace {

namespace fs = std::filesystem;

void add_descendants(const fs::path& process, std::vector<std::string>& pids) {
    std::error_code gone;
    for (const auto& task : fs::directory_iterator(process / "task", gone)) {
        std::istringstream children(read_text(task.path() / "children"));
        for (std::string pid; children >> pid;) {
            pids.push_back(pid);
            add_descendants(fs::path("/proc") / pid, pids);
        }
    }
}

/// Without that variable.
std::string environment_of(const fs::path& process, const std::string& but) {
    std::istringstream variables(read_text(process / "environ"));
    std::string text;
    for (std::string one; std::getline(variables, one, '\0');)
        if (but.empty() || !one.starts_with(but + "=")) text += one + '\0';
    return text;
}

std::string threads_of(const fs::path& process) {
    std::string names;
    std::error_code gone;
    for (const auto& task : fs::directory_iterator(process / "task", gone))
        names += read_text(task.path() / "comm");
    return names;
}

} // namespace

std::vector<std::string> exposing(const std::vector<std::string>& secrets, const std::string& but) {
    std::vector<std::string> pids;
    add_descendants("/proc/self", pids);
    std::vector<std::string> found;
    for (const auto& pid : pids) {
        const fs::path process = fs::path("/proc") / pid;
        const std::pair<const char*, std::string> places[] = {
            {"cmdline", read_text(process / "cmdline")},
            {"environ", environment_of(process, but)},
            {"threads", threads_of(process)}};
        for (const auto& [place, text] : places) {
            const auto holds = [&text = text](const std::string& secret) {
                return !secret.empty() && text.find(secret) != std::string::npos;
            };
            if (!std::ranges::any_of(secrets, holds)) continue;
            auto name = read_text(process / "comm");
            name.resize(name.find('\n') == std::string::npos ? name.size() : name.find('\n'));
            found.push_back(name + " (pid " + pid + "): " + place);
        }
    }
    return found;
}

} // namespace agent::test
