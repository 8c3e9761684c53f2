#pragma once
// Go's duration texts, as Boundary's flags take them. agentctl's flags and config.toml are read
// with it.

#include <chrono>
#include <optional>
#include <string_view>

namespace agent {

/// "0", "30s", "1h5m", "1.5h", "-10s", "250ms"; nullopt for anything else, also without a unit or
/// beyond ten years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

} // namespace agent
