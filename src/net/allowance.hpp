#pragma once
// Allowance: what a peer may do now and then, but not without end: `most` at once and `a_second`
// more every second. The clock is asked only when something of the kind comes.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace agent::net {

template <std::uint32_t most, std::uint32_t a_second> class Allowance {
  public:
    using Clock = std::chrono::steady_clock;

    /// One more; false: that was too many.
    bool take(Clock::time_point now = Clock::now()) {
        constexpr auto each = std::chrono::nanoseconds(std::chrono::seconds(1)) / a_second;
        const auto back = std::min<std::int64_t>(used_, (now - since_) / each);
        used_ -= static_cast<std::uint32_t>(back);
        since_ = used_ == 0 ? now : since_ + back * each;
        if (used_ == most) return false;
        ++used_;
        return true;
    }
    /// One is forgotten: for what the peer has done that is of use.
    void earn() { used_ -= used_ > 0 ? 1 : 0; }

  private:
    std::uint32_t used_ = 0;
    Clock::time_point since_;
};

} // namespace agent::net
