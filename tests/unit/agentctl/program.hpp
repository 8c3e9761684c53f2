#pragma once
// Runs the real agentctl with an environment of its own and sees what it prints. Every wait ends after ten seconds with
// an exception that shows the output so far.

#include "base/unique_fd.hpp"

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace agentctl::test {

/// A folder of its own for $XDG_RUNTIME_DIR and $XDG_STATE_HOME; gone at the end.
class RuntimeDir {
  public:
    RuntimeDir();
    ~RuntimeDir();
    RuntimeDir(const RuntimeDir&) = delete;
    RuntimeDir& operator=(const RuntimeDir&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

class Program {
  public:
    /// Starts it with only these variables, PATH, TZ=UTC and XDG_*. Standard input is empty or `input`.
    Program(const RuntimeDir& dir, std::vector<std::string> arguments,
            std::map<std::string, std::string> environment = {}, const std::string& input = {});
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    void await_output(const std::string& text);
    void send_signal(int number) const;
    /// Its exit code (128 + n for signal n); out and err are complete then.
    int await_exit();

    std::string out, err;

  private:
    bool read_some(int timeout_ms);
    [[noreturn]] void give_up(const std::string& what);

    pid_t pid_ = -1;
    int code_ = -1;
    agent::UniqueFd out_, err_;
};

/// Polls until it holds; throws after ten seconds.
template <class Condition> void eventually(Condition condition);

} // namespace agentctl::test

#include <chrono>
#include <stdexcept>
#include <thread>

template <class Condition> void agentctl::test::eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("it did not happen within ten seconds");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}
