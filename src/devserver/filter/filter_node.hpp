#pragma once
// The tree a filter becomes: filter_parser.cpp builds it, filter.cpp evaluates it.

#include "devserver/filter/pattern.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace devserver {

struct FilterNode {
    enum class Kind : std::uint8_t {
        all_of,
        any_of,
        negation,
        equals,
        contains,
        matches,
        is_empty
    };
    Kind kind = Kind::equals;
    bool negated = false; ///< comparisons: !=, not in, not contains, …
    std::vector<std::shared_ptr<const FilterNode>> parts; ///< all_of, any_of, negation
    std::vector<std::string> path;                        ///< comparisons: "/item/a" → item, a
    std::string value;
    std::optional<Pattern> pattern; ///< matches
};

} // namespace devserver
