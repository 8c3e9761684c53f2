#pragma once
// Watchdog: until when a process must be heard of. The supervisor tells it what it hears, with the
// time, and asks.

#include <chrono>

namespace supervisor {

class Watchdog {
  public:
    using Clock = std::chrono::steady_clock;
    using Duration = std::chrono::milliseconds;

    explicit Watchdog(Duration period) : period_(period) {}

    void started(Clock::time_point now) { expect(now, start_limit, Phase::starting); }
    void ready(Clock::time_point now) { expect(now, period_, Phase::running); }
    void heard(Clock::time_point now) {
        if (phase_ == Phase::running) deadline_ = now + period_;
    }
    void stopping(Clock::time_point now) {
        if (phase_ != Phase::stopping) expect(now, stop_limit, Phase::stopping);
    }

    /// It has been silent for too long. When this is asked much later than at the deadline, we were
    /// not running either, and cannot judge: it gets as much time again.
    bool expired(Clock::time_point now);
    Clock::time_point deadline() const { return deadline_; }
    Duration period() const { return period_; }

    static constexpr Duration start_limit{90'000};
    static constexpr Duration stop_limit{15'000};
    static constexpr Duration too_late{1'000};

  private:
    enum class Phase { starting, running, stopping };
    void expect(Clock::time_point now, Duration limit, Phase phase) {
        phase_ = phase;
        limit_ = limit;
        deadline_ = now + limit;
    }

    Duration period_;
    Duration limit_{0};
    Phase phase_ = Phase::starting;
    Clock::time_point deadline_;
};

} // namespace supervisor
