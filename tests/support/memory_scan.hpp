#pragma once
// Looks for a secret in this process's own memory: what was wiped is nowhere, what was only
// forgotten still lies in the heap. The marker itself is kept in disguise, so that looking for it
// does not find the looking.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace agent::test {

class Marker {
  public:
    /// `length` letters, drawn for this one. Long enough never to be anywhere by chance, or inside
    /// a std::string object.
    explicit Marker(std::size_t length = 48) {
        std::random_device random;
        for (std::size_t i = 0; i < length; ++i)
            disguised_.push_back(disguise(static_cast<char>('a' + random() % 26)));
    }
    /// In disguise already, as another process of the test sent it.
    explicit Marker(std::vector<unsigned char> disguised) : disguised_(std::move(disguised)) {}
    static unsigned char disguise(char c) {
        return static_cast<unsigned char>(static_cast<unsigned char>(c) ^ 0xA5U);
    }

    /// The secret itself, appended. Whoever calls it wipes what it was appended to; reserve first,
    /// or `text` leaves copies where it grew.
    void append_to(std::string& text) const {
        for (const unsigned char c : disguised_) text += static_cast<char>(c ^ 0xA5U);
    }

    /// How often it stands in memory that can be written and that core dumps would hold: pages of
    /// Secret are left out.
    std::size_t copies() const {
        std::size_t found = 0;
        std::ifstream maps("/proc/self/smaps");
        std::uintptr_t begin = 0, end = 0;
        for (std::string line; std::getline(maps, line);) {
            std::uintptr_t from = 0, to = 0;
            char rights[5] = {};
            if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) == 3) {
                const bool ours =
                    rights[0] == 'r' && rights[1] == 'w' && line.find("[v") == std::string::npos;
                begin = ours ? from : 0;
                end = ours && to - from <= largest ? to : begin;
            } else if (line.starts_with("VmFlags:") && begin != end) {
                if (line.find(" dd") == std::string::npos) found += copies_in(begin, end);
                begin = end = 0;
            }
        }
        return found;
    }

  private:
    static constexpr std::uintptr_t largest = 1UL << 30U; // a sanitizer's shadow is larger

    /// Reads what is freed, too, which a sanitizer would take for a mistake.
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
    __attribute__((no_sanitize("address")))
#endif
    std::size_t
    copies_in(std::uintptr_t begin, std::uintptr_t end) const {
        const std::size_t length = disguised_.size();
        const unsigned char* const wanted = disguised_.data();
        const unsigned char first = wanted[0] ^ 0xA5U;
        std::size_t found = 0;
        const auto* at = reinterpret_cast<const volatile unsigned char*>(begin);
        const auto* const last = reinterpret_cast<const volatile unsigned char*>(end - length);
        for (; at <= last; ++at) {
            if (*at != first) continue;
            std::size_t same = 1;
            while (same < length && at[same] == (wanted[same] ^ 0xA5U)) ++same;
            if (same == length) ++found;
        }
        return found;
    }

    std::vector<unsigned char> disguised_;
};

} // namespace agent::test
