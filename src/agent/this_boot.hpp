#pragma once
// Which boot of the machine this is: a proxy that somebody disconnected stays so until the next
// one, and a pid names a process in it.

#include "agent/proxy_status.hpp"
#include "state/records.hpp"

#include <fstream>
#include <string>
#include <string_view>

namespace agent::core {

/// The kernel's boot id; "unknown" where it shows none.
inline std::string this_boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    if (!std::getline(file, id) || id.empty()) return "unknown";
    return id;
}

/// Of `stopped`: it was to be forgotten when that agentd was killed.
inline constexpr std::string_view stopped_for_good = "forgotten";

inline bool is_to_be_forgotten(const state::ProxyRecord& record) {
    return record.stopped == stopped_for_good;
}

/// Somebody disconnected it, and the machine has not been started anew since.
inline bool is_stopped(const state::ProxyRecord& record) {
    return !record.stopped.empty() && record.stopped == this_boot();
}

/// A proxy's process, for the state store.
inline std::string process_of(const ProxyStatus& proxy) {
    return this_boot() + " " + std::to_string(proxy.pid);
}

} // namespace agent::core
