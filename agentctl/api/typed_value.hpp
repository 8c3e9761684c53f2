#pragma once
// KEY=VALUE flags whose values have types: -attr guesses, -string-attr, -num-attr and -bool-attr
// say. All of one family become one object, in the order in which they were given.

#include "base/json.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace agentctl {

enum class ValueType : std::uint8_t { any, text, number, truth };

struct TypedValue {
    ValueType type;
    agent::Secret words; ///< "key=value", "a.b=value" or "key"
};

/// Errc::invalid_argument says which and why, without its value. Values env://X and file://P are
/// read first.
agent::Result<agent::Json> object_of(const std::vector<TypedValue>& values);

} // namespace agentctl
