#pragma once
// Secret: text or bytes that must not be printed and are wiped when released. Holds auth tokens, session keys,
// TOFU tokens, passwords and brokered credentials. Its only printed form is ***.

#include <fmt/format.h>

#include <string.h> // explicit_bzero

#include <string>
#include <string_view>
#include <utility>

namespace agent {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = std::move(other.value_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    /// The value itself: name it at the one place that needs it, never keep a copy.
    std::string_view reveal() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }
    friend bool operator==(const Secret&, const Secret&) = default;

  private:
    void wipe() noexcept {
        value_.resize(value_.capacity()); // also what a longer, earlier value left behind
        ::explicit_bzero(value_.data(), value_.size());
        value_.clear();
    }
    std::string value_;
};

} // namespace agent

template <> struct fmt::formatter<agent::Secret> : fmt::formatter<std::string_view> {
    template <class Context> auto format(const agent::Secret&, Context& context) const {
        return fmt::formatter<std::string_view>::format("***", context);
    }
};
