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

    /// From now on the end of our parent is a SIGTERM, too: take() returns one, once. Where the
    /// parent cannot be seen (it is outside of our container) nothing changes.
    void watch_parent();
    bool parent_gone() const { return parent_gone_; }

    int fd() const { return both_ ? both_.get() : fd_.get(); }
    /// The next one that has arrived, if any.
    std::optional<signalfd_siginfo> take();
    /// Waits at most so long for one to arrive; it stays for take().
    void wait(int milliseconds) const;

  private:
    bool parent_has_gone();

    agent::UniqueFd fd_;
    agent::UniqueFd parent_; ///< a pidfd
    agent::UniqueFd both_;   ///< readable when one of them is
    bool parent_gone_ = false;
};

} // namespace agentctl
