#pragma once
// Secret: text or bytes that must not be printed, lie in locked pages (never swapped, in no core
// dump) and are wiped when released. Holds auth tokens, session keys, TOFU tokens, passwords and
// brokered credentials. Its only printed form is ***.

#include "base/locked_memory.hpp"

#include <fmt/format.h>

#include <string.h> // explicit_bzero

#include <string>
#include <string_view>
#include <utility>

namespace agent {

/// Overwrites a text that held a secret.
inline void wipe(std::string& text) noexcept {
    ::explicit_bzero(text.data(), text.size());
}

class Secret {
  public:
    Secret() = default;
    /// Takes the value out of `value`, which is wiped.
    explicit Secret(std::string value) {
        assign(value);
        value.resize(value.capacity()); // also what a longer, earlier value left behind
        wipe(value);
    }
    Secret(const Secret& other) { assign(other.reveal()); }
    Secret(Secret&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Secret& operator=(const Secret& other) {
        if (this == &other) return *this;
        Secret copy(other);
        swap(copy);
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        Secret taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~Secret() {
        if (data_ != nullptr) release_locked(data_, size_);
    }

    /// The value itself: name it at the one place that needs it, never keep a copy.
    std::string_view reveal() const noexcept { return {data_, size_}; }
    bool empty() const noexcept { return size_ == 0; }
    friend bool operator==(const Secret& a, const Secret& b) { return a.reveal() == b.reveal(); }

  private:
    void assign(std::string_view value) {
        if (value.empty()) return;
        data_ = allocate_locked(value.size());
        size_ = value.size();
        value.copy(data_, size_);
    }
    void swap(Secret& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }
    char* data_ = nullptr; // locked memory
    std::size_t size_ = 0;
};

} // namespace agent

template <> struct fmt::formatter<agent::Secret> : fmt::formatter<std::string_view> {
    template <class Context> auto format(const agent::Secret&, Context& context) const {
        return fmt::formatter<std::string_view>::format("***", context);
    }
};
