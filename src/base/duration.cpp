#include "base/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace agent {
namespace {

// Longer names first: "ms" must not be read as "m".
constexpr std::array<std::pair<std::string_view, double>, 8> units{{{"ns", 1e-6},
                                                                    {"us", 1e-3},
                                                                    {"µs", 1e-3},
                                                                    {"μs", 1e-3},
                                                                    {"ms", 1.0},
                                                                    {"s", 1e3},
                                                                    {"m", 60e3},
                                                                    {"h", 3600e3}}};

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text == "0") return std::chrono::milliseconds(0);
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        if (text[0] != '.' && (text[0] < '0' || text[0] > '9'))
            return std::nullopt; // no sign, no "inf"
        double number = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number,
                                                    std::chars_format::fixed);
        if (problem != std::errc()) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto unit = std::ranges::find_if(
            units, [&](const auto& one) { return text.starts_with(one.first); });
        if (unit == units.end()) return std::nullopt;
        total += number * unit->second;
        text.remove_prefix(unit->first.size());
    }
    constexpr double ten_years = 10 * 365.25 * 24 * 3600e3;
    if (total > ten_years) return std::nullopt;
    return std::chrono::milliseconds(std::llround(negative ? -total : total));
}

} // namespace agent
