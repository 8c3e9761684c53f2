#include "boundary/mask.hpp"

#include "support/catch.hpp"

#include <vector>

using namespace agent::boundary;

namespace {

constexpr MaskKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

std::vector<std::byte> some_bytes(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
    return bytes;
}

} // namespace

TEST_CASE("mask: the RFC's example") {
    std::vector<std::byte> hello;
    for (char c : {'H', 'e', 'l', 'l', 'o'}) hello.push_back(static_cast<std::byte>(c));
    mask(hello, key, 0);
    CHECK(hello == std::vector{std::byte{0x7f}, std::byte{0x9f}, std::byte{0x4d}, std::byte{0x51}, std::byte{0x58}});
}

TEST_CASE("mask: every length, alignment and offset is the plain XOR") {
    for (std::size_t size = 0; size < 70; ++size)
        for (std::size_t start = 0; start < 9; ++start)
            for (std::size_t offset = 0; offset < 5; ++offset) {
                auto bytes = some_bytes(start + size);
                const auto plain = bytes;
                mask(std::span(bytes).subspan(start), key, offset);
                bool same = true;
                for (std::size_t i = 0; i < bytes.size(); ++i)
                    same = same && bytes[i] == (i < start ? plain[i] : plain[i] ^ key[(offset + i - start) % 4]);
                if (!same) FAIL("size " << size << " start " << start << " offset " << offset);
            }
}

TEST_CASE("mask: in pieces is the same as at once") {
    auto once = some_bytes(1000), pieces = once;
    mask(once, key, 0);
    for (std::size_t at = 0, n = 1; at < pieces.size(); at += n, n = n * 2 + 1)
        mask(std::span(pieces).subspan(at, std::min(n, pieces.size() - at)), key, at);
    CHECK(once == pieces);
}
