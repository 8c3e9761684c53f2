#include "boundary/mask.hpp"

#include <cstdint>
#include <cstring>

namespace agent::boundary {

void mask(std::span<std::byte> bytes, MaskKey key, std::size_t offset) {
    // as the key falls on bytes[0…7], whatever the machine's byte order
    std::array<std::byte, sizeof(std::uint64_t)> turned;
    for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(offset + i) % key.size()];
    std::uint64_t wide_key;
    std::memcpy(&wide_key, turned.data(), sizeof wide_key);
    std::size_t at = 0;
    for (; at + sizeof wide_key <= bytes.size(); at += sizeof wide_key) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        word ^= wide_key;
        std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    for (std::size_t i = 0; at < bytes.size(); ++at, ++i) bytes[at] ^= turned[i];
}

} // namespace agent::boundary
