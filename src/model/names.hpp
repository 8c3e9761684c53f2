#pragma once
// The text of an enumerator on the wire and on the screen, in both directions. Each enum has one
// table, names<Enum>, in the order of its enumerators.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace agent::model {

template <class Enum> using Name = std::pair<Enum, std::string_view>;

/// Specialised beside each enum, whose last enumerator closes the table.
template <class Enum> inline constexpr std::array<Name<Enum>, 0> names{};

template <class Enum> consteval bool complete(Enum last) {
    const auto& rows = names<Enum>;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].first) != i) return false;
    return rows.size() == static_cast<std::size_t>(last) + 1;
}

template <class Enum> constexpr std::string_view name_of(Enum value) {
    const auto index = static_cast<std::size_t>(value);
    return index < names<Enum>.size() ? names<Enum>[index].second : std::string_view();
}

/// nullopt: no enumerator is called so.
template <class Enum> constexpr std::optional<Enum> from_name(std::string_view text) {
    for (const auto& [value, name] : names<Enum>)
        if (name == text) return value;
    return std::nullopt;
}

} // namespace agent::model
