// WebSocket frames, parsed as both ends see them: the outcome must not depend on how the bytes were
// cut, and what was parsed must come out the same when written again.

#include "boundary/websocket_frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace agent::boundary;

namespace {

struct Outcome {
    std::vector<std::uint64_t> headers; // opcode and length, in order
    std::optional<CloseFrame> failure;
    bool operator==(const Outcome&) const = default;
};

void check_written_form(const FrameHeader& header, std::span<const std::byte> original) {
    std::array<std::byte, max_frame_header> out;
    const auto length = write_frame_header(out, header);
    if (length != original.size() || !std::equal(original.begin(), original.end(), out.begin()))
        std::abort();
}

Outcome parse(std::span<const std::byte> bytes, Role role, std::size_t piece) {
    Outcome outcome;
    FrameParser parser(role);
    std::size_t at = 0, began = 0;
    while (at < bytes.size() && !parser.failure()) {
        const auto step = parser.feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
        if (step.consumed == 0) std::abort(); // would never end
        at += step.consumed;
        if (!step.header) continue;
        check_written_form(*step.header, bytes.subspan(began, at - began));
        outcome.headers.push_back(static_cast<std::uint64_t>(step.header->opcode));
        outcome.headers.push_back(step.header->length);
        const auto payload = std::min<std::uint64_t>(step.header->length, bytes.size() - at);
        if (step.header->opcode == Opcode::close && payload == step.header->length) {
            const auto close =
                decode_close({reinterpret_cast<const char*>(bytes.data() + at), payload});
            if (close && decode_close(encode_close(*close)) != close) std::abort();
        }
        at += payload;
        began = at;
    }
    outcome.failure = parser.failure();
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    for (const auto role : {Role::client, Role::server}) {
        const auto whole = parse(bytes, role, std::max<std::size_t>(size, 1));
        if (parse(bytes, role, 1) != whole || parse(bytes, role, 3) != whole) std::abort();
    }
    return 0;
}
