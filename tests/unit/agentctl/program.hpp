#pragma once
// Runs the real agentctl with an environment of its own and sees what it prints. Every wait ends
// after half a minute with an exception that shows the output so far.

#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace agentctl::test {

/// A folder of its own for $XDG_RUNTIME_DIR and $XDG_STATE_HOME; gone at the end.
class RuntimeDir {
  public:
    const std::string& path() const { return path_; }

  private:
    agent::test::TempDir folder_;
    std::string path_ = folder_.path();
};

class Program {
  public:
    /// Starts it with only these variables, PATH, TZ=UTC and XDG_*. Standard input is empty or
    /// `input`.
    Program(const RuntimeDir& dir, std::vector<std::string> arguments,
            agent::test::Environment environment = {}, const std::string& input = {});

    void await_output(const std::string& text);
    void send_signal(int number) const { process_.signal(number); }
    /// Its exit code (128 + n for signal n); out and err are complete then.
    int await_exit();

    std::string out, err; ///< as far as the last wait has read

  private:
    void take_output();
    [[noreturn]] void give_up(const std::string& what) const;

    agent::test::Process process_;
};

/// Waits until it holds; throws when it does not.
template <class Condition> void eventually(Condition condition) {
    if (!agent::test::eventually(condition))
        throw std::runtime_error("it did not happen within half a minute");
}

} // namespace agentctl::test
