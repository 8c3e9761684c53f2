// Authorization tokens come from people's clipboards and scripts. The input is fed twice: as the
// text of a token, and, so that damage reaches the protobuf inside, as the bytes a token is made
// of.

#include "boundary/base58.hpp"
#include "boundary/session_authorization.hpp"

#include <cstdint>
#include <cstdlib>

using namespace agent::boundary;

namespace {

void decode(std::string_view token) {
    const auto first = decode_authorization_token(token);
    if (!first) return;
    // What was accepted must survive the way out and back.
    const auto again = decode_authorization_token(encode_authorization_token(*first));
    if (!again || again->session_id != first->session_id || again->workers != first->workers ||
        again->certificate != first->certificate || again->private_key != first->private_key ||
        again->expiration != first->expiration ||
        again->connection_limit != first->connection_limit)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    decode(input);
    const auto plain = base58_decode(input);
    if (plain && base58_encode(*plain) != input) std::abort();
    if (size < 4096) {
        const auto coat = base58_encode(input);
        if (base58_decode(coat).value() != input) std::abort();
        decode(coat);
    }
    return 0;
}
