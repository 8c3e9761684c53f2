#include "base/memory_reserve.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace agent {
namespace {

constexpr std::size_t reserve_bytes = 1U << 20U;
std::atomic<void*> reserve = nullptr;
std::atomic<bool> spent = false;

[[noreturn]] void give_up() {
    std::free(reserve.exchange(nullptr));
    spent = true;
    throw std::bad_alloc();
}

} // namespace

void keep_memory_reserve() {
    if (reserve == nullptr) reserve = std::malloc(reserve_bytes);
    std::set_new_handler(give_up);
}

void refill_memory_reserve() noexcept {
    if (!spent.load(std::memory_order_relaxed)) return;
    void* const fresh = std::malloc(reserve_bytes);
    if (fresh == nullptr) return;
    std::free(reserve.exchange(fresh));
    spent = false;
}

} // namespace agent
