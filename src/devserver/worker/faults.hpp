#pragma once
// What a worker can be told to do wrong, so that what its clients do about it can be tested: the
// same worker, the same protocol, and at one named point a fault. README.md lists them. Never on
// unless asked for.

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

namespace devserver {

struct WorkerFaults {
    // Before the HandshakeResult: nothing has been spent, nothing has reached the endpoint.
    double refuse = 0; ///< percent of handshakes answered with CLOSE 1002
    double reset = 0;  ///< percent of handshakes answered with a TCP reset
    int cannot_activate =
        0; ///< so many activations fail with CLOSE 1011 "unable to activate session"
    bool lose_early = false; ///< the first byte of what comes within 0.5 ms after the 101 is lost
    bool drop_behind_get = false;       ///< what came behind the GET is lost
    std::chrono::milliseconds delay{0}; ///< before the HandshakeResult, on top of everything
    std::optional<std::chrono::milliseconds>
        stale_alert; ///< a handshake that comes later than so gets a TLS alert
    std::optional<std::chrono::milliseconds> stale_reset; ///< … a TCP reset

    // While bytes pass. Counts are of this connection.
    enum class Frames : std::uint8_t {
        plain,
        split,  ///< each in two parts with a pause between them, cut one byte further on with each
                ///< frame
        empty,  ///< an empty frame in front of each
        endless ///< one frame of 2^63-1 bytes that carries everything
    };
    Frames frames = Frames::plain;
    std::optional<std::uint64_t> reset_after; ///< bytes down: TCP reset in the middle of a frame
    std::optional<std::uint64_t> close_after; ///< bytes up: CLOSE 1000 while the client goes on
    std::optional<std::uint64_t> deaf_after;  ///< bytes up: reads no more, still sends
    std::optional<std::uint64_t>
        dead_after;      ///< bytes up: neither reads nor sends; 0: from the result on
    bool vanish = false; ///< at the endpoint's end neither CLOSE nor close_notify, only a FIN
};

/// "refuse=5,lose-early,frames=split": names as above, with dashes. Errc::invalid_argument names
/// the wrong word.
agent::Result<WorkerFaults> parse_faults(std::string_view text);

/// One worker's faults and what they remember. The dice begin with the same seed each time.
class FaultBox {
  public:
    explicit FaultBox(WorkerFaults faults) : what(faults) {}

    bool refuses() { return rolls(what.refuse); }
    bool resets() { return rolls(what.reset); }
    bool cannot_activate() { return what.cannot_activate > 0 && what.cannot_activate-- > 0; }

    WorkerFaults what;        ///< may be changed while the worker runs
    std::size_t followed = 0; ///< handshakes with bytes right behind them

  private:
    bool rolls(double percent) {
        return percent > 0 && std::uniform_real_distribution<>(0, 100)(dice_) < percent;
    }

    std::mt19937 dice_{20020};
};

} // namespace devserver
