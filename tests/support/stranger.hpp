#pragma once
// Stranger: another user of the machine who was first at a port or socket, plays a controller there
// that says yes to everything, and writes down what it is told. Only root can be somebody else.

#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace agent::test {

class Stranger {
  public:
    static constexpr uid_t user = 65534; // nobody
    /// "127.0.0.1", "::1", "0.0.0.0" …, or the path of a Unix socket in a folder that everybody may
    /// enter. Port 0: a free one.
    explicit Stranger(const std::string& address, std::uint16_t port = 0);
    Stranger(const Stranger&) = delete;
    ~Stranger();

    std::uint16_t port() const { return port_; }
    /// Every byte so far.
    std::string heard();

  private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
    UniqueFd notes_;
    std::string heard_;
};

} // namespace agent::test
