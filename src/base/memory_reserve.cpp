#include "base/memory_reserve.hpp"

#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

namespace agent {
namespace {

// What is large is mapped by itself, and what is reserved is not: so the first large request after
// a shortage does not take what many small ones are to live on.
constexpr int large_bytes = 256 * 1024;
constexpr std::size_t block_bytes = 64U * 1024;

std::array<std::atomic<void*>, 16> reserve{};
std::atomic<bool> spent = false;

/// Whoever was refused asks once more with the reserve free, which is enough for a small request:
/// those in destructors may not fail. A large one fails then.
void give_reserve_or_fail() {
    bool given = false;
    for (auto& block : reserve) {
        void* const kept = block.exchange(nullptr);
        given = given || kept != nullptr;
        std::free(kept);
    }
    spent = true;
    if (!given) throw std::bad_alloc();
}

bool fill() noexcept {
    for (auto& block : reserve) {
        if (block.load() != nullptr) continue;
        void* const fresh = std::malloc(block_bytes);
        if (fresh == nullptr) return false;
        std::free(block.exchange(fresh));
    }
    return true;
}

} // namespace

void keep_memory_reserve() {
    ::mallopt(M_MMAP_THRESHOLD, large_bytes);
    fill();
    std::set_new_handler(give_reserve_or_fail);
}

void refill_memory_reserve() noexcept {
    if (spent.load(std::memory_order_relaxed) && fill()) spent = false;
}

} // namespace agent
