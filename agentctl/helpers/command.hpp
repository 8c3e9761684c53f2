#pragma once
// What a helper comes to: the words and variables of the program, and what it was not given.

#include "agentctl/child.hpp"
#include "agentctl/helpers/helper.hpp"

#include <optional>
#include <string>
#include <vector>

namespace agentctl::helpers {

/// What the command line says of one.
struct Wanted {
    const Helper& helper;
    HelperOptions options;
    std::optional<std::string> exec;      ///< another program; the words stay
    std::vector<std::string> passthrough; ///< in front of the helper's words
};

class Command {
  public:
    /// Errc::invalid_argument: the credentials cannot be read (exit code 3). Others: the words
    /// cannot be made (2).
    static agent::Result<Command> make(const Wanted& wanted, const ipc::Proxy& proxy,
                                       const std::vector<agent::Json>& credentials);

    /// Without templates' values.
    const std::vector<std::string>& words() const { return words_; }
    const ChildEnvironment& environment() const { return environment_; }
    const std::vector<std::string>& warnings() const { return launch_.warnings; }
    /// The credentials that are to be printed.
    std::vector<agent::Json> rest() const { return credentials_.rest(); }
    /// The program has all of it now, and we may stay for hours: secrets are wiped here.
    void started();

  private:
    Brokered credentials_;
    Launch launch_;
    std::vector<std::string> words_;
    ChildEnvironment environment_;
};

} // namespace agentctl::helpers
