#include "boundary/timestamp.hpp"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace agent::boundary {
std::string encode_timestamp(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto seconds = whole.time_since_epoch().count();
    const auto nanos = static_cast<std::int32_t>((time - whole).count());
    std::string message;
    protozero::pbf_writer writer(message);
    if (seconds != 0) writer.add_int64(1, seconds);
    if (nanos != 0) writer.add_int32(2, nanos);
    return message;
}

std::optional<WallTime> decode_timestamp(std::string_view message) {
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;
    protozero::pbf_reader reader(message.data(), message.size());
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case protozero::tag_and_type(1, protozero::pbf_wire_type::varint):
            seconds = reader.get_int64();
            break;
        case protozero::tag_and_type(2, protozero::pbf_wire_type::varint):
            nanos = reader.get_int32();
            break;
        default:
            reader.skip();
        }
    }
    return wall_time_at(seconds, nanos);
}

} // namespace agent::boundary
