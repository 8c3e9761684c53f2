#pragma once
// The signals of a foreground command as a file descriptor, so that they are handled between two
// replies and never inside one. Used by connect, attach and watch.

#include "base/unique_fd.hpp"

#include <optional>

#include <sys/signalfd.h>

namespace agentctl {

class Signals {
  public:
    /// Blocks SIGINT, SIGTERM, SIGCHLD and SIGHUP for this process; SIGHUP not under nohup, which
    /// asked to ignore it.
    Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    int fd() const { return fd_.get(); }
    /// The next one that has arrived, if any.
    std::optional<signalfd_siginfo> take();
    /// Waits at most so long for one to arrive; it stays for take().
    void wait(int milliseconds) const;

  private:
    agent::UniqueFd fd_;
};

} // namespace agentctl
