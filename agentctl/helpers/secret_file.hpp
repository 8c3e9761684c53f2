#pragma once
// A file that only exists in memory, for programs that read a secret from one: no name in any
// folder, mode 0600, inherited by the program that is started next, and gone with the last process
// that holds it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>
#include <string_view>

namespace agentctl::helpers {

class SecretFile {
  public:
    static agent::Result<SecretFile> holding(std::string_view text);

    /// What the program is told: "/dev/fd/N".
    std::string path() const { return "/dev/fd/" + std::to_string(file_.get()); }
    int descriptor() const { return file_.get(); }

  private:
    explicit SecretFile(agent::UniqueFd file) : file_(std::move(file)) {}
    agent::UniqueFd file_; ///< not close-on-exec; at its beginning
};

} // namespace agentctl::helpers
