#include "devserver/worker/farewell.hpp"

#include "async/with_timeout.hpp"

#include <array>

namespace devserver {
namespace {

using agent::awaitable;
using agent::boundary::CloseFrame;
using agent::net::TlsStream;
namespace async = agent::async;

constexpr std::size_t farewell_bytes = 16 * 1024;

awaitable<void> read_to_the_end(TlsStream& tls) {
    std::array<std::byte, farewell_bytes> piece;
    for (;;) {
        const auto count = co_await tls.read_some(piece);
        if (!count || *count == 0) co_return;
    }
}

} // namespace

CloseFrame close_with(std::uint16_t code, std::string_view reason) {
    CloseFrame frame;
    frame.code = code;
    frame.reason = reason;
    return frame;
}

std::string encoded(const CloseFrame& close) {
    const auto payload = agent::boundary::encode_close(close);
    agent::boundary::FrameHeader header;
    header.opcode = agent::boundary::Opcode::close;
    header.length = payload.size();
    std::array<std::byte, agent::boundary::max_frame_header> bytes;
    const auto length = agent::boundary::write_frame_header(bytes, header);
    return std::string(reinterpret_cast<const char*>(bytes.data()), length) + payload;
}

awaitable<void> end_quietly(TlsStream& tls) {
    co_await tls.shutdown(farewell_limit);
    (void)co_await async::with_timeout(read_to_the_end(tls), farewell_limit);
    tls.close();
}

} // namespace devserver
