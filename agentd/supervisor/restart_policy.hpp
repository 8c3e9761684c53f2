#pragma once
// RestartPolicy: whether a program that ended is started again, and after which pause. It knows no
// clock and no process; the supervisor tells it how each life went and does what it says.

#include <chrono>

namespace supervisor {

class RestartPolicy {
  public:
    using Duration = std::chrono::milliseconds;

    /// How one process of the program went.
    struct Life {
        int status = 0; ///< as waitpid gives it
        bool was_ready = false;
        bool was_hung = false; ///< and was killed for it
        bool wanted = false;   ///< it had said that it is stopping
        Duration ready_for{0};
    };
    enum class Next {
        again,    ///< after `pause`
        finished, ///< it ended on purpose
        failed,   ///< it never came to be ready: `exit_status` is the answer to whoever started us
    };
    struct Decision {
        Next next = Next::again;
        Duration pause{0};
        int exit_status = 0;
    };
    Decision after(const Life& life);

    static constexpr Duration first_pause{100};
    static constexpr Duration longest_pause_if_ready{1'000};
    static constexpr Duration longest_pause{30'000};
    static constexpr Duration good_life{2'000};
    static constexpr int deaths_at_first_start = 5;

  private:
    Duration next_pause_ = first_pause;
    bool ever_ready_ = false;
    int deaths_ = 0; ///< in a row, before it was ever ready
};

} // namespace supervisor
