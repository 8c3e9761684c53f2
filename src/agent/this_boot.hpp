#pragma once
// Which boot of the machine this is: a proxy that somebody disconnected stays so until the next one.

#include <fstream>
#include <string>

namespace agent::core {

/// The kernel's boot id; "unknown" where it shows none.
inline std::string this_boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    if (!std::getline(file, id) || id.empty()) return "unknown";
    return id;
}

} // namespace agent::core
