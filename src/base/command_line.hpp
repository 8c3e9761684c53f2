#pragma once
// What /proc shows of a process: its words to every user of the machine (cmdline), its first
// environment to this user and to its children. Secrets that came that way are taken out of there
// before anything else is done.

#include "base/secret.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace agent {

class CommandLine {
  public:
    /// Takes the words after the program's name and blots each out where the kernel shows it.
    CommandLine(int argc, char** argv);
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;
    /// Wipes them.
    ~CommandLine();

    std::span<std::string> words() { return words_; }
    /// Lets a word be seen again, for `ps`: one of words(), which is known to hold no secret. One
    /// that has been changed is not shown.
    void show(const std::string& word);

  private:
    char** shown_;
    std::vector<std::string> words_;
    std::vector<std::size_t> sizes_; ///< the room that each has there
};

/// The variable's value, which is gone from the environment then, and overwritten in the memory
/// that /proc/PID/environ shows. nullopt: it is not set.
std::optional<Secret> take_from_environment(const std::string& name);

} // namespace agent
