#pragma once
// WebSocket masking (RFC 6455 §5.3): XOR with a four-byte key, in place. The one loop of the data
// path that touches every byte, so it has a file of its own, and vector code where the CPU has it.

#include <array>
#include <cstddef>
#include <span>

namespace agent::boundary {

using MaskKey = std::array<std::byte, 4>;

/// Masks, and unmasks, `bytes`; `offset` is how far into the frame's payload they start.
void mask(std::span<std::byte> bytes, MaskKey key, std::size_t offset);

/// The ways to do it, for tests and benchmarks: equal in what they do. mask() takes the last of
/// this CPU's.
struct MaskMethod {
    const char* name;
    void (*apply)(std::span<std::byte> bytes, MaskKey key, std::size_t offset);
};
/// Those this CPU can run; the portable one is first.
std::span<const MaskMethod> mask_methods();

} // namespace agent::boundary
