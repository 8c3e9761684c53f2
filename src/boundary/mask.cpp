#include "boundary/mask.hpp"

#include <cstdint>
#include <cstring>

namespace agent::boundary {

void mask(std::span<std::byte> bytes, MaskKey key, std::size_t offset) {
    // The key as it falls on bytes[0…7], whatever the machine's byte order.
    std::array<std::byte, 8> repeated;
    for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = key[(offset + i) % 4];
    std::uint64_t word_key;
    std::memcpy(&word_key, repeated.data(), sizeof word_key);

    std::size_t i = 0;
    for (; i + sizeof word_key <= bytes.size(); i += sizeof word_key) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        word ^= word_key;
        std::memcpy(bytes.data() + i, &word, sizeof word);
    }
    for (; i < bytes.size(); ++i) bytes[i] ^= repeated[i % 8];
}

} // namespace agent::boundary
