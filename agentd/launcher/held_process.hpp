#pragma once
// HeldProcess: one agent-proxy as a process, held by a pidfd, so that a number which the kernel has
// given to somebody else meanwhile is never signalled. control_handle.cpp ends with it what does
// not answer.

#include "async/token.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <chrono>
#include <string>
#include <sys/types.h>

namespace agentd {

class HeldProcess {
  public:
    /// A child of ours that nobody has waited for: until then its number is its own.
    static agent::Result<HeldProcess> child(pid_t pid);
    /// The agent-proxy that listens at a Unix socket, whoever started it. An error where that
    /// cannot be said for sure.
    static agent::Result<HeldProcess> listening_at(const std::string& path);
    /// The same over a connected socket, and without what only newer kernels tell. For tests.
    static agent::Result<HeldProcess> by_number(const agent::UniqueFd& connection);

    pid_t pid() const { return pid_; }
    bool gone() const;
    /// Until it has gone, at most `limit`; then whether it has.
    agent::awaitable<bool> wait_gone(std::chrono::steady_clock::duration limit) const;
    /// SIGKILL, and until it has gone.
    agent::awaitable<agent::Status> kill() const;

  private:
    HeldProcess(pid_t pid, agent::UniqueFd descriptor)
        : pid_(pid), descriptor_(std::move(descriptor)) {}
    pid_t pid_;
    agent::UniqueFd descriptor_;
};

} // namespace agentd
