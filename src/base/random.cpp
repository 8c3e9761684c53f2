#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace agent {

void fill_random(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto n = ::getrandom(out.data(), out.size(), 0);
        if (n < 0 && errno != EINTR) std::abort();
        if (n > 0) out = out.subspan(static_cast<std::size_t>(n));
    }
}

std::size_t random_below(std::size_t bound) {
    constexpr auto max = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t fair = max - max % bound; // below this, every remainder is equally likely
    std::uint64_t value = max;
    while (value >= fair) fill_random(std::as_writable_bytes(std::span(&value, 1)));
    return value % bound;
}

std::string random_base62(std::size_t length) {
    static constexpr char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text(length, '\0');
    for (char& c : text) c = alphabet[random_below(62)];
    return text;
}

} // namespace agent
