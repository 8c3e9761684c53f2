#include "boundary/mask.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace agent::boundary;

namespace {

constexpr MaskKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

std::vector<std::byte> some_bytes(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
    return bytes;
}

/// The RFC's words: octet i XOR key octet i modulo 4. What lies around the range must stay as it
/// is.
bool is_plain_xor(std::size_t start, std::size_t size, std::size_t offset) {
    constexpr std::size_t behind = 40; // more than the widest store
    auto bytes = some_bytes(start + size + behind);
    const auto plain = bytes;
    mask(std::span(bytes).subspan(start, size), key, offset);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool inside = i >= start && i < start + size;
        if (bytes[i] != (inside ? plain[i] ^ key[(offset + i - start) % 4] : plain[i]))
            return false;
    }
    return true;
}

} // namespace

TEST_CASE("mask: the RFC's example") {
    std::vector<std::byte> hello;
    for (char c : {'H', 'e', 'l', 'l', 'o'}) hello.push_back(static_cast<std::byte>(c));
    mask(hello, key, 0);
    CHECK(hello == std::vector{std::byte{0x7f}, std::byte{0x9f}, std::byte{0x4d}, std::byte{0x51},
                               std::byte{0x58}});
}

TEST_CASE("mask: it is the plain XOR at every length, alignment and offset, and touches nothing "
          "else") {
    for (std::size_t size = 0; size < 300; ++size)
        for (std::size_t start = 0; start < 33; ++start)
            for (std::size_t offset = 0; offset < 5; ++offset)
                if (!is_plain_xor(start, size, offset))
                    FAIL("size " << size << " start " << start << " offset " << offset);
}

TEST_CASE("mask: a whole frame and a few bytes are the plain XOR as well") {
    CHECK(is_plain_xor(0, 64 * 1024 + 13, 3));
}
