#include "boundary/websocket_key.hpp"

#include "base/base64.hpp"
#include "base/random.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <span>

namespace agent::boundary {

std::string new_websocket_key() {
    std::array<std::byte, 16> bytes;
    fill_random(bytes);
    return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string websocket_accept(std::string_view key) {
    const auto text =
        std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // the RFC's constant
    std::array<char, EVP_MAX_MD_SIZE> digest;
    std::size_t length = 0;
    if (EVP_Q_digest(nullptr, "SHA1", nullptr, text.data(), text.size(),
                     reinterpret_cast<unsigned char*>(digest.data()), &length) != 1)
        std::abort(); // no SHA-1 in this OpenSSL: nothing here can work
    return base64_encode({digest.data(), length});
}

bool is_websocket_key(std::string_view key) {
    const auto bytes = base64_decode(key);
    return key.size() == 24 && bytes && bytes->size() == 16;
}

} // namespace agent::boundary
