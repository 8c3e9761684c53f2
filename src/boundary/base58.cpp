#include "boundary/base58.hpp"

#include <fmt/format.h>

#include <string.h> // explicit_bzero

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace agent::boundary {
namespace {

constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

constexpr std::array<std::int8_t, 256> make_values() {
    std::array<std::int8_t, 256> values{};
    for (auto& v : values) v = -1;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}
constexpr auto values = make_values();

// Numbers are little-endian in 32-bit limbs; digits are handled five at a time, because 58^5 fits a
// limb.
constexpr std::uint32_t digits_per_step = 5;
constexpr std::uint32_t step_base = 58u * 58 * 58 * 58 * 58;

void multiply_add(std::vector<std::uint32_t>& limbs, std::uint32_t factor, std::uint32_t summand) {
    std::uint64_t carry = summand;
    for (auto& limb : limbs) {
        carry += std::uint64_t{limb} * factor;
        limb = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
}

std::uint32_t divide(std::vector<std::uint32_t>& limbs, std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (auto limb = limbs.rbegin(); limb != limbs.rend(); ++limb) {
        rest = rest << 32 | *limb;
        *limb = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
    while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
    return static_cast<std::uint32_t>(rest);
}

std::string quoted(char c) {
    switch (c) {
    case '\n':
        return "'\\n'";
    case '\r':
        return "'\\r'";
    case '\t':
        return "'\\t'";
    default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7f ? fmt::format("'\\x{:02x}'", byte) : fmt::format("'{}'", c);
}

} // namespace

std::string base58_encode(std::string_view bytes) {
    const auto zeros = std::min(bytes.find_first_not_of('\0'), bytes.size());
    std::vector<std::uint32_t> limbs((bytes.size() - zeros + 3) / 4);
    for (std::size_t i = 0; i < bytes.size() - zeros; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - 1 - i]);
        limbs[i / 4] |= std::uint32_t{byte} << (i % 4 * 8);
    }
    std::string reversed;
    reversed.reserve(zeros + bytes.size() * 11 / 8 + digits_per_step);
    while (!limbs.empty()) {
        auto part = divide(limbs, step_base);
        for (std::uint32_t i = 0; i < digits_per_step; ++i, part /= 58)
            reversed += alphabet[part % 58];
    }
    while (reversed.ends_with('1')) reversed.pop_back(); // digits the last step invented
    reversed.append(zeros, '1');
    std::ranges::reverse(reversed);
    return reversed;
}

Result<std::string> base58_decode(std::string_view text) {
    if (text.size() > max_base58_length)
        return fail(Errc::limit_exceeded, Hop::local,
                    fmt::format("{} characters of base58 are more than the limit of {}",
                                text.size(), max_base58_length));
    for (char c : text)
        if (values[static_cast<unsigned char>(c)] < 0)
            return fail(Errc::invalid_authorization, Hop::local,
                        "invalid base58 digit (" + quoted(c) + ")");

    const auto zeros = std::min(text.find_first_not_of('1'), text.size());
    std::vector<std::uint32_t> limbs;
    limbs.reserve(text.size() / 5 + 1);
    for (std::size_t i = zeros; i < text.size();) {
        std::uint32_t part = 0, factor = 1;
        for (; i < text.size() && factor < step_base; ++i, factor *= 58)
            part =
                part * 58 + static_cast<std::uint32_t>(values[static_cast<unsigned char>(text[i])]);
        multiply_add(limbs, factor, part);
    }
    std::string bytes;
    bytes.reserve(limbs.size() * 4 + zeros);
    for (const auto limb : limbs)
        for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(limb >> shift & 255);
    while (bytes.ends_with('\0')) bytes.pop_back();
    bytes.append(zeros, '\0');
    std::ranges::reverse(bytes);
    ::explicit_bzero(limbs.data(), limbs.size() * sizeof limbs[0]); // the text may hold a key
    return bytes;
}

} // namespace agent::boundary
