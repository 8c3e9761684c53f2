// bench-micro: the pieces of the byte path that are ours alone, without sockets: masking and
// framing. Prints one line for each: name, figure, unit.

#include "boundary/mask.hpp"
#include "boundary/websocket_frame.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

namespace {

using namespace agent::boundary;
using Clock = std::chrono::steady_clock;

/// The best of many rounds: what the code costs when nothing else disturbs it.
template <class Work> double best_seconds(Work work) {
    double best = 1e9;
    const auto end = Clock::now() + std::chrono::milliseconds(300);
    while (Clock::now() < end) {
        const auto start = Clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
}

void bench_mask(std::size_t size) {
    constexpr std::size_t total = 16 * 1024 * 1024;
    std::vector<std::byte> bytes(size);
    const MaskKey key{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    const double seconds = best_seconds([&] {
        for (std::size_t done = 0; done < total; done += size) mask(bytes, key, 1);
    });
    std::printf("mask, %zu bytes\t%.1f\tGB/s\n", size, double(total) / seconds / 1e9);
}

void bench_framing(std::size_t payload) {
    constexpr int frames = 100'000;
    FrameHeader header;
    header.length = payload;
    std::array<std::byte, max_frame_header> text;
    volatile std::size_t sink = 0;
    const double writing = best_seconds([&] {
        for (int i = 0; i < frames; ++i) {
            header.key = MaskKey{std::byte(i), std::byte{2}, std::byte{3}, std::byte{4}};
            sink = sink + write_frame_header(text, header);
        }
    });
    std::printf("write a header, %zu bytes payload\t%.1f\tns\n", payload, writing / frames * 1e9);

    header.key.reset();
    const auto size = write_frame_header(text, header);
    FrameParser parser(Role::client);
    const double parsing = best_seconds([&] {
        for (int i = 0; i < frames; ++i) sink = sink + parser.feed({text.data(), size}).consumed;
    });
    std::printf("parse a header, %zu bytes payload\t%.1f\tns\n", payload, parsing / frames * 1e9);
}

} // namespace

int main() {
    for (const std::size_t size :
         {std::size_t{100}, std::size_t{16 * 1024}, std::size_t{64 * 1024}})
        bench_mask(size);
    for (const std::size_t payload : {std::size_t{100}, std::size_t{1000}, std::size_t{64 * 1024}})
        bench_framing(payload);
    return 0;
}
