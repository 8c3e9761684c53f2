#include "base/locked_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <string.h>
#include <utility>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace agent {
namespace {

// AddressSanitizer knows nothing of blocks of ours unless it is told: then a use of what was
// released is found as ever.
#ifdef __SANITIZE_ADDRESS__
void forbid(const void* memory, std::size_t bytes) {
    __asan_poison_memory_region(memory, bytes);
}
void allow(const void* memory, std::size_t bytes) {
    __asan_unpoison_memory_region(memory, bytes);
}
#else
void forbid(const void*, std::size_t) {}
void allow(const void*, std::size_t) {}
#endif

// Small blocks share pages, one page at a time: a process with three short secrets (agent-proxy)
// pays for one page. A larger block has pages of its own, which go back to the system with it.
constexpr std::size_t smallest = 64, largest = 1024;
constexpr std::size_t classes = 5; // 64, 128 … 1024

struct Free {
    Free* next;
};
struct Pool {
    std::mutex mutex; // the programs have one thread, their tests more
    std::array<Free*, classes> free{};
    char* page = nullptr;
    std::size_t left = 0;
    bool locked = true;
    void (*tell)() = nullptr;
};
// Never destroyed: secrets in static storage may outlive it otherwise.
Pool& pool() {
    static Pool* const one = new Pool;
    return *one;
}

std::size_t rounded(std::size_t size) {
    return size <= smallest ? smallest : std::bit_ceil(size);
}
std::size_t class_of(std::size_t block) {
    return static_cast<std::size_t>(std::countr_zero(block) - std::countr_zero(smallest));
}
std::size_t page_bytes() {
    static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
}
std::size_t whole_pages(std::size_t size) {
    return (size + page_bytes() - 1) / page_bytes() * page_bytes();
}

char* map(Pool& from, std::size_t bytes) {
    void* const pages =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    if (::mlock(pages, bytes) != 0) from.locked = false;
    ::madvise(pages, bytes, MADV_DONTDUMP);
    ::madvise(pages, bytes, MADV_WIPEONFORK);
    return static_cast<char*>(pages);
}

char* take(Pool& from, std::size_t size) {
    if (size > largest) return map(from, whole_pages(size));
    const std::size_t block = rounded(size);
    Free*& list = from.free[class_of(block)];
    if (list != nullptr) {
        Free* const taken = list;
        allow(taken, block);
        list = taken->next;
        taken->next = nullptr;
        forbid(taken, block);
        allow(taken, size);
        return reinterpret_cast<char*>(taken);
    }
    if (from.left < block) { // what is left of the page before is too small; it stays unused
        from.page = map(from, page_bytes());
        from.left = page_bytes();
        forbid(from.page, from.left);
    }
    char* const taken = from.page;
    from.page += block;
    from.left -= block;
    allow(taken, size);
    return taken;
}

} // namespace

char* allocate_locked(std::size_t size) {
    Pool& from = pool();
    void (*tell)() = nullptr;
    char* taken = nullptr;
    {
        const std::lock_guard guard(from.mutex);
        taken = take(from, size);
        if (!from.locked) tell = std::exchange(from.tell, nullptr);
    }
    if (tell != nullptr) tell();
    return taken;
}

void release_locked(char* memory, std::size_t size) noexcept {
    ::explicit_bzero(memory, size);
    if (size > largest) {
        ::munmap(memory, whole_pages(size));
        return;
    }
    Pool& to = pool();
    const std::size_t block = rounded(size);
    const std::lock_guard guard(to.mutex);
    allow(memory, block);
    Free*& list = to.free[class_of(block)];
    list = new (memory) Free{list};
    forbid(memory, block);
}

void when_not_locked(void (*tell)()) {
    Pool& from = pool();
    {
        const std::lock_guard guard(from.mutex);
        if (from.locked) from.tell = tell;
        if (from.locked) return;
    }
    tell();
}

bool all_locked() noexcept {
    Pool& from = pool();
    const std::lock_guard guard(from.mutex);
    return from.locked;
}

} // namespace agent
