#pragma once
// SshServer: the machine's own sshd on a free loopback port, with a host key and one authorized key
// made for the test. Each connection gets a child `sshd -i`, so no daemon is left behind and no
// port is fixed.

#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <vector>

namespace agent::test {

class SshServer {
  public:
    SshServer();

    std::uint16_t port() const { return server_->port(); }
    /// What every ssh and scp command needs to log in here without asking.
    std::vector<std::string> client_options() const;
    /// The key that may log in, and the server's own public one.
    std::string user_key() const { return folder_ / "user_key"; }
    std::string host_key() const { return folder_ / "host_key.pub"; }
    /// "user@127.0.0.1".
    std::string destination() const;

  private:
    TempDir folder_;
    std::unique_ptr<LoopbackServer> server_;
};

} // namespace agent::test
