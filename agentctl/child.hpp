#pragma once
// The command that `connect -exec` and `connect ssh` run beside the proxy.

#include "base/result.hpp"
#include "ipc/messages/types.hpp"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace agentctl {

/// Replaces {{boundary.ip}}, {{boundary.port}} and {{boundary.addr}}; one space inside the braces
/// is allowed.
std::string fill_templates(std::string text, const ipc::Proxy& proxy);

/// What a command gets beside our own variables, or instead of them.
struct ChildEnvironment {
    std::vector<std::string> set;     ///< NAME=value
    std::vector<std::string> without; ///< NAME
};

class Child {
  public:
    /// Runs words[0] from PATH with the proxy's address in BOUNDARY_PROXIED_IP, _PORT and _ADDR.
    /// Errc::environment when it cannot be run; `attempt` begins the message.
    static agent::Result<Child> start(const std::vector<std::string>& words,
                                      const ipc::Proxy& proxy,
                                      const ChildEnvironment& environment = {},
                                      std::string attempt = {});

    /// Its exit status once it has ended (255 when a signal ended it), without waiting.
    std::optional<int> poll_exit();
    void send_signal(int number) const;

  private:
    explicit Child(pid_t pid) : pid_(pid) {}
    pid_t pid_;
    std::optional<int> exit_;
};

} // namespace agentctl
