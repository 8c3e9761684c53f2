// The two handshake messages: the worker reads one from anybody who holds a token, the client one
// from the worker.

#include "boundary/handshake.hpp"

#include <cstdint>
#include <cstdlib>

using namespace agent::boundary;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    if (const auto first = decode_client_handshake(input)) {
        const auto again = decode_client_handshake(encode_client_handshake(*first));
        if (!again || again->tofu_token != first->tofu_token || again->command != first->command)
            std::abort();
    }
    if (const auto first = decode_handshake_result(input)) {
        const auto again = decode_handshake_result(encode_handshake_result(*first));
        if (!again || again->expiration != first->expiration ||
            again->connection_limit != first->connection_limit ||
            again->connections_left != first->connections_left)
            std::abort();
    }
    return 0;
}
