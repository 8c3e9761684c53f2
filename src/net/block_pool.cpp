#include "net/block_pool.hpp"

#include <sys/mman.h>

#include <array>
#include <new>

namespace agent::net {
namespace {

// Enough for one hot stream each way. More are mapped and unmapped as needed: they go back to the
// system, whole.
constexpr std::size_t kept = 4;

struct Pool {
    ~Pool() {
        while (count > 0) ::munmap(free[--count], Block::bytes);
        closed = true; // a block that outlives its thread's pool is unmapped when it comes back
    }
    std::array<std::byte*, kept> free{};
    std::size_t count = 0;
    std::size_t on_loan = 0;
    bool closed = false;
};

thread_local Pool pool;

} // namespace

Block Block::borrow() {
    Block block;
    if (pool.count > 0) {
        block.data_ = pool.free[--pool.count];
    } else {
        void* const mapped =
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) throw std::bad_alloc();
        block.data_ = static_cast<std::byte*>(mapped);
    }
    ++pool.on_loan;
    return block;
}

void Block::give_back() noexcept {
    if (!data_) return;
    --pool.on_loan;
    std::byte* const data = std::exchange(data_, nullptr);
    if (pool.count < kept && !pool.closed)
        pool.free[pool.count++] = data;
    else
        ::munmap(data, bytes);
}

void release_free_blocks() noexcept {
    while (pool.count > 0) ::munmap(pool.free[--pool.count], Block::bytes);
}

std::size_t blocks_on_loan() {
    return pool.on_loan;
}

} // namespace agent::net
