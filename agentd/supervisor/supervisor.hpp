#pragma once
// Supervisor: the loop of agent-supervisor. Starts the program, hears it, holds its sockets, starts
// it again, until it ends on purpose or a signal says so.

#include "agentd/supervisor/callers_socket.hpp"
#include "agentd/supervisor/child.hpp"
#include "agentd/supervisor/descriptor_store.hpp"
#include "agentd/supervisor/notify_socket.hpp"
#include "agentd/supervisor/restart_policy.hpp"
#include "agentd/supervisor/watchdog.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace supervisor {

class Supervisor {
  public:
    struct Options {
        std::string program;
        std::chrono::milliseconds watchdog{30'000};
        unsigned long file_limit = 1024; ///< what the program gets
    };
    Supervisor(Options options, CallersSocket callers, NotifySocket notify);

    /// The exit status of this process.
    int run();

  private:
    using Clock = std::chrono::steady_clock;

    int wait_time() const;
    bool end_where_nobody_finds_us();
    void start_program();
    void take_notifications();
    void heed(NotifySocket::Message& message);
    void take_signals();
    void take_end(int status);
    void finish(int exit_status);

    Options options_;
    CallersSocket callers_;
    NotifySocket notify_;
    agent::UniqueFd signals_;
    DescriptorStore store_;
    RestartPolicy policy_;
    Watchdog watchdog_;
    std::optional<Child> child_;
    std::optional<Clock::time_point> ready_since_; ///< of this child
    bool hung_ = false;                            ///< it was killed for it
    bool stopping_ = false;                        ///< it said so
    bool told_to_end_ = false;                     ///< we were
    bool told_ready_ = false;                      ///< whoever started us knows
    Clock::time_point next_start_;
    std::optional<int> exit_status_;
};

} // namespace supervisor
