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
bool is_plain_xor(const MaskMethod& method, std::size_t start, std::size_t size,
                  std::size_t offset) {
    constexpr std::size_t behind = 40; // more than the widest store
    auto bytes = some_bytes(start + size + behind);
    const auto plain = bytes;
    method.apply(std::span(bytes).subspan(start, size), key, offset);
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

TEST_CASE("mask: every method is the plain XOR at every length, alignment and offset, and touches "
          "nothing else") {
    for (const auto& method : mask_methods())
        for (std::size_t size = 0; size < 300; ++size)
            for (std::size_t start = 0; start < 33; ++start)
                for (std::size_t offset = 0; offset < 5; ++offset)
                    if (!is_plain_xor(method, start, size, offset))
                        FAIL(method.name << ": size " << size << " start " << start << " offset "
                                         << offset);
}

TEST_CASE("mask: a whole frame comes out the same from every method") {
    auto expected = some_bytes(64 * 1024 + 13);
    mask_methods().front().apply(expected, key, 3);
    for (const auto& method : mask_methods()) {
        auto bytes = some_bytes(expected.size());
        method.apply(bytes, key, 3);
        INFO(method.name);
        CHECK((bytes == expected));
    }
}

TEST_CASE("mask: the portable method always exists, and x86-64 has more") {
    CHECK(mask_methods().front().name == std::string("portable"));
#if defined(__x86_64__)
    CHECK(mask_methods().size() >= 2);
#endif
}

TEST_CASE("mask: in pieces is the same as at once") {
    auto once = some_bytes(1000), pieces = once;
    mask(once, key, 0);
    for (std::size_t at = 0, n = 1; at < pieces.size(); at += n, n = n * 2 + 1)
        mask(std::span(pieces).subspan(at, std::min(n, pieces.size() - at)), key, at);
    CHECK(once == pieces);
}
