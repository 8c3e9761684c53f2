#pragma once
// google.protobuf.Timestamp to and from WallTime, for the two messages that carry one.

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace agent::boundary {

std::string encode_timestamp(WallTime time);
/// nullopt when nanos are outside 0…999999999 or the time is before 1678; last_time for what is
/// later. Throws protozero::exception for what is no protobuf.
std::optional<WallTime> decode_timestamp(std::string_view message);

} // namespace agent::boundary
