#include "agentd/supervisor/restart_policy.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>

namespace supervisor {
namespace {

/// As systemd has it: these signals are requests.
bool on_purpose(const RestartPolicy::Life& life) {
    if (life.was_hung) return life.wanted;
    if (WIFEXITED(life.status)) return WEXITSTATUS(life.status) == 0;
    const int signal = WTERMSIG(life.status);
    return signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

} // namespace

RestartPolicy::Decision RestartPolicy::after(const Life& life) {
    ever_ready_ = ever_ready_ || life.was_ready;
    Decision decision;
    if (on_purpose(life)) {
        decision.next = Next::finished;
        return decision;
    }
    if (!ever_ready_ && (WIFEXITED(life.status) || ++deaths_ >= deaths_at_first_start)) {
        decision.next = Next::failed;
        decision.exit_status = WIFEXITED(life.status) ? WEXITSTATUS(life.status) : 1;
        return decision;
    }
    if (life.was_ready && life.ready_for >= good_life) next_pause_ = first_pause;
    decision.pause = std::min(next_pause_, life.was_ready ? longest_pause_if_ready : longest_pause);
    next_pause_ = std::min(decision.pause * 2, longest_pause);
    return decision;
}

} // namespace supervisor
