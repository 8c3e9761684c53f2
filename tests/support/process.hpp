#pragma once
// Process: a child program with its own environment, whose output is collected while it runs. Ended
// by its own pid, never by name; the destructor kills what is left.

#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::test {

using Environment = std::map<std::string, std::string>;

struct Ended {
    int exit = -1; ///< exit status; 128 + N when signal N ended it, -1 when it did not end in time
    std::string out;
    std::string err;
};

class Process {
  public:
    struct Options {
        Environment environment;  ///< all of it: nothing is inherited
        std::string input;        ///< written to standard input, which is then closed
        bool keep_input = false;  ///< leave standard input open: see close_input()
        std::string folder;       ///< working directory; ours when empty
        bool own_session = false; ///< setsid() first: its process group is its own
    };

    Process(std::vector<std::string> command, Options options);
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    ~Process();

    pid_t pid() const { return pid_; }
    bool running();
    void signal(int number) const;
    /// To its whole process group, as a closing terminal does. Only with own_session.
    void signal_group(int number) const;
    void close_input() { input_.reset(); }

    /// Reads output until standard output (`err`: standard error) holds `text`; false at the
    /// deadline or at its end.
    bool wait_for(std::string_view text,
                  std::chrono::milliseconds deadline = std::chrono::seconds(30), bool err = false);
    /// Reads until it ends; exit stays -1 at the deadline (and it runs on).
    Ended wait(std::chrono::milliseconds deadline = std::chrono::seconds(60));
    const std::string& out() const { return out_; }
    const std::string& err() const { return err_; }

  private:
    bool read_some(std::chrono::steady_clock::time_point deadline);
    void reap();

    pid_t pid_ = -1;
    UniqueFd input_;
    UniqueFd out_pipe_;
    UniqueFd err_pipe_;
    std::string out_;
    std::string err_;
    std::optional<int> exit_;
};

/// Starts it and waits for its end.
Ended run_program(std::vector<std::string> command, Process::Options options,
                  std::chrono::milliseconds deadline = std::chrono::seconds(60));

/// The first PROGRAM on the PATH of this test, also in the sbin folders; empty when there is none.
std::string find_on_path(std::string_view program);

} // namespace agent::test
