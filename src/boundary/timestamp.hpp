#pragma once
// google.protobuf.Timestamp to and from WallTime, for the two messages that carry one.

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace agent::boundary {

std::string encode_timestamp(WallTime time);
/// nullopt when nanos are outside 0…999999999 or the time does not fit WallTime (years 1677 to 2262).
/// Throws protozero::exception for what is no protobuf.
std::optional<WallTime> decode_timestamp(std::string_view message);

} // namespace agent::boundary
