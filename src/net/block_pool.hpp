#pragma once
// Memory for bytes on their way. Whoever has some to move borrows a block from this thread's pool
// and gives it back once they are with the kernel: thousands of idle connections hold none, a hot
// one finds its blocks warm in the cache. TlsStream and proxy/WebSocketStream borrow here.

#include <cstddef>
#include <utility>

namespace agent::net {

/// Empty, or one block on loan; gives it back when it goes.
class Block {
  public:
    /// One WebSocket frame of 64 KiB encrypted, with room for a few small ones behind it.
    static constexpr std::size_t bytes = 68 * 1024;

    Block() = default;
    /// Its content is whatever was there. Throws std::bad_alloc.
    static Block borrow();
    Block(Block&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
    Block& operator=(Block&& other) noexcept {
        if (this != &other) {
            give_back();
            data_ = std::exchange(other.data_, nullptr);
        }
        return *this;
    }
    ~Block() { give_back(); }

    explicit operator bool() const { return data_ != nullptr; }
    std::byte* data() const { return data_; }
    void give_back() noexcept;

  private:
    std::byte* data_ = nullptr;
};

/// Those that wait warm for the next borrower go back to the system: for when nothing has moved for
/// a while.
void release_free_blocks() noexcept;

/// Blocks on loan to this thread, for tests: what connections hold.
std::size_t blocks_on_loan();

} // namespace agent::net
