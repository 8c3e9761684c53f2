#pragma once
// Terminal: a program on a pseudo terminal of its own, as in a window: what a person types and sees
// there.

#include "base/unique_fd.hpp"
#include "support/process.hpp"

#include <termios.h>

#include <optional>
#include <string>
#include <vector>

namespace agent::test {

class Terminal {
  public:
    /// Its controlling terminal, in a session of its own; nothing of our environment is inherited.
    Terminal(std::vector<std::string> command, const Environment& environment);
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal();

    void type(std::string_view text) const;
    /// Reads what appears until it holds `text`; false at the deadline.
    bool wait_for(std::string_view text,
                  std::chrono::milliseconds deadline = std::chrono::seconds(30));
    /// Everything that has appeared so far.
    const std::string& seen() const { return seen_; }
    void signal(int number) const;
    /// Its exit status, 128 + N when signal N ended it; -1 at the deadline.
    int wait(std::chrono::milliseconds deadline = std::chrono::seconds(30));

    /// As the terminal is set at this moment.
    termios settings() const;
    bool echoes() const { return (settings().c_lflag & ECHO) != 0; }

  private:
    void read_some(int limit_ms);

    UniqueFd ours_;
    UniqueFd its_; ///< kept open, so that the settings can be seen when it has gone
    pid_t pid_ = -1;
    std::string seen_;
    std::optional<int> exit_;
};

} // namespace agent::test
