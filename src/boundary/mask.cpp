#include "boundary/mask.hpp"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace agent::boundary {
namespace {

/// The key as it falls on bytes[0…3], whatever the machine's byte order.
std::uint32_t turned(MaskKey key, std::size_t offset) {
    MaskKey now;
    for (std::size_t i = 0; i < now.size(); ++i) now[i] = key[(offset + i) % 4];
    std::uint32_t word;
    std::memcpy(&word, now.data(), sizeof word);
    return word;
}

/// From bytes[at], a multiple of four, to the end.
void mask_words(std::span<std::byte> bytes, std::uint32_t key, std::size_t at) {
    const std::uint64_t wide_key = std::uint64_t(key) << 32 | key;
    for (; at + sizeof wide_key <= bytes.size(); at += sizeof wide_key) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        word ^= wide_key;
        std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    std::array<std::byte, sizeof wide_key> rest;
    std::memcpy(rest.data(), &wide_key, rest.size());
    for (std::size_t i = 0; at < bytes.size(); ++at, ++i) bytes[at] ^= rest[i];
}

void mask_portable(std::span<std::byte> bytes, MaskKey key, std::size_t offset) {
    mask_words(bytes, turned(key, offset), 0);
}

#if defined(__x86_64__)

// Part of every x86-64. Unaligned loads cost the same as aligned ones where they are aligned, so
// none is peeled off.
void mask_sse2(std::span<std::byte> bytes, MaskKey key, std::size_t offset) {
    const auto word = turned(key, offset);
    const __m128i wide_key = _mm_set1_epi32(static_cast<int>(word));
    auto* const data = reinterpret_cast<__m128i*>(bytes.data());
    const std::size_t count = bytes.size() / sizeof(__m128i);
    for (std::size_t i = 0; i < count; ++i)
        _mm_storeu_si128(data + i, _mm_xor_si128(_mm_loadu_si128(data + i), wide_key));
    mask_words(bytes, word, count * sizeof(__m128i));
}

__attribute__((target("avx2"))) void mask_avx2(std::span<std::byte> bytes, MaskKey key,
                                               std::size_t offset) {
    const auto word = turned(key, offset);
    const __m256i wide_key = _mm256_set1_epi32(static_cast<int>(word));
    auto* const data = reinterpret_cast<__m256i*>(bytes.data());
    const std::size_t count = bytes.size() / sizeof(__m256i);
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const __m256i a = _mm256_xor_si256(_mm256_loadu_si256(data + i), wide_key);
        const __m256i b = _mm256_xor_si256(_mm256_loadu_si256(data + i + 1), wide_key);
        const __m256i c = _mm256_xor_si256(_mm256_loadu_si256(data + i + 2), wide_key);
        const __m256i d = _mm256_xor_si256(_mm256_loadu_si256(data + i + 3), wide_key);
        _mm256_storeu_si256(data + i, a);
        _mm256_storeu_si256(data + i + 1, b);
        _mm256_storeu_si256(data + i + 2, c);
        _mm256_storeu_si256(data + i + 3, d);
    }
    for (; i < count; ++i)
        _mm256_storeu_si256(data + i, _mm256_xor_si256(_mm256_loadu_si256(data + i), wide_key));
    mask_words(bytes, word, count * sizeof(__m256i));
}

constexpr std::array methods{MaskMethod{"portable", mask_portable}, MaskMethod{"sse2", mask_sse2},
                             MaskMethod{"avx2", mask_avx2}};

std::size_t usable() {
    return __builtin_cpu_supports("avx2") ? methods.size() : methods.size() - 1;
}

#else

constexpr std::array methods{MaskMethod{"portable", mask_portable}};

std::size_t usable() {
    return methods.size();
}

#endif

} // namespace

std::span<const MaskMethod> mask_methods() {
    static const std::size_t count = usable();
    return std::span(methods).first(count);
}

void mask(std::span<std::byte> bytes, MaskKey key, std::size_t offset) {
    static const auto best = mask_methods().back().apply;
    best(bytes, key, offset);
}

} // namespace agent::boundary
