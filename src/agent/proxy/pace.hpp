#pragma once
// Pace: when the agent may ask a controller for a session again. Exponential back-off with jitter
// after failures, what the controller asked for (Retry-After), and never more than a few attempts
// in a minute, whatever happens.

#include <chrono>
#include <deque>

namespace agent::core {

class Pace {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds shortest{500};
    static constexpr std::chrono::milliseconds longest{60'000};
    static constexpr std::size_t attempts_per_minute = 6;

    /// How long to wait before the next attempt; zero: it may be made now.
    std::chrono::milliseconds wait(Clock::time_point now) const;
    void attempt(Clock::time_point now);
    /// `asked`: what the controller's Retry-After said; zero: nothing.
    void failed(Clock::time_point now, std::chrono::seconds asked);
    void succeeded();
    /// What failed may work now (the network is back, somebody logged in): no back-off, but no more
    /// per minute either.
    void hurry();
    /// The same for a network that is back: what could not get through does not count either, once
    /// in ten seconds.
    void network_back(Clock::time_point now);

  private:
    std::deque<Clock::time_point> attempts_;
    std::chrono::milliseconds back_off_{0};
    Clock::time_point not_before_{};
    Clock::time_point forgiven_{}; ///< when attempts were last forgotten
    bool told_ = false;            ///< not_before_ is the controller's wish: hurry() respects it
};

} // namespace agent::core
