#pragma once
// One command's flags, read in the manner of Go's flag package because Boundary's scripts are
// written for it: one or two dashes, `-flag value` and `-flag=value`, booleans without a value.
// Every verb declares its flags here; README.md says why this is our own. A flag that was not given
// takes its environment variable, if it names one.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

class Flags {
  public:
    /// `usage` is what follows "agentctl" in the help's first line; `summary` is its second
    /// paragraph.
    Flags(std::string usage, std::string summary)
        : usage_(std::move(usage)), summary_(std::move(summary)) {}

    /// The targets are filled by parse() and must outlive it. `environment` may be empty.
    void text(std::string name, std::optional<std::string>& target, std::string help,
              std::string environment = {});
    /// What the word, or the variable, holds may be a secret: it is wiped there, and the variable
    /// is gone from the environment, unless it only says where the secret is.
    void secret(std::string name, std::optional<agent::Secret>& target, std::string help,
                std::string environment = {});
    void number(std::string name, std::optional<std::int64_t>& target, std::string help,
                std::string environment = {});
    void boolean(std::string name, bool& target, std::string help, std::string environment = {});
    /// Go's durations ("30s", "1h5m") in milliseconds.
    void duration(std::string name, std::optional<std::int64_t>& target, std::string help,
                  std::string environment = {});
    /// Called for each time it is given; with `secret` as above.
    using Take = std::function<agent::Status(const std::string&)>;
    void each(std::string name, Take take, std::string help, std::string environment = {},
              bool secret = false);
    /// Welcome for the sake of scripts, without effect, and not in the help.
    void accepted(std::string name, bool takes_value);
    /// Words after the last positional are left out, as Boundary's command does, and not refused.
    void ignore_extra_words() { ignores_extra_ = true; }
    const std::vector<std::string>& ignored() const { return ignored_; }
    /// How many arguments that are no flags are welcome, and where they go.
    void positional(std::string name, std::optional<std::string>& target);
    /// Everything after "--" goes to `target`; without this call it is an error.
    void passthrough(std::vector<std::string>& target) { passthrough_ = &target; }

    /// Errc::invalid_argument in the words of Go's flag package. Words that hold a secret are
    /// wiped.
    agent::Status parse(std::span<std::string> arguments);
    /// Whether anybody may see this one of the arguments that were parsed without an error. What
    /// follows "--" is another program's affair: nobody may.
    bool may_be_seen(const std::string& argument) const;
    /// By the arguments, not by the environment.
    bool given(std::string_view name) const;
    /// -h, -help or --help was among the arguments; nothing else has been looked at then.
    bool help_wanted() const { return help_wanted_; }
    std::string help() const;

  private:
    struct Flag {
        std::string name;
        std::string help;
        std::string environment;
        bool takes_value = true;
        std::function<agent::Status(const std::string&)> set;
        bool secret = false;
        bool given = false;
        bool hidden = false;
    };
    struct Positional {
        std::string name;
        std::optional<std::string>* target;
    };
    void add(std::string name, std::string help, std::string environment, bool takes_value,
             std::function<agent::Status(const std::string&)> set);
    agent::Status parse_flag(std::span<std::string> arguments, std::size_t& at);
    agent::Status read_environment();
    static void take_secret(Flag& flag);

    std::string usage_;
    std::string summary_;
    std::vector<Flag> flags_;
    std::vector<const std::string*> seen_;
    std::vector<Positional> positionals_;
    std::vector<std::string>* passthrough_ = nullptr;
    std::vector<std::string> ignored_;
    bool help_wanted_ = false, ignores_extra_ = false;
};

} // namespace agentctl
