#pragma once
// PostgresServer: Debian's PostgreSQL with a new database in a private folder, on a free loopback
// port, without passwords unless one is given. PostgreSQL refuses to run as root: then it runs as
// its own user.

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <memory>

namespace agent::test {

class PostgresServer {
  public:
    /// With a password for its user "postgres", nobody enters without it.
    explicit PostgresServer(const std::string& password = {});
    ~PostgresServer();

    std::uint16_t port() const { return port_; }
    /// The path of one of its programs: "psql", "pgbench".
    std::string program(std::string_view name) const { return programs_ + "/" + std::string(name); }

  private:
    std::vector<std::string> as_its_user(std::vector<std::string> command) const;
    bool start();

    TempDir folder_;
    std::string programs_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> server_;
};

} // namespace agent::test
