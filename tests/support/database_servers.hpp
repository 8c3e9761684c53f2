#pragma once
// MariaDB's and Redis's servers with one user that has a password, in private folders, on free
// loopback ports.

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace agent::test {

class MariadbServer {
  public:
    MariadbServer(const std::string& user, const std::string& password);
    ~MariadbServer();
    std::uint16_t port() const { return port_; }

  private:
    TempDir folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> server_;
};

class RedisServer {
  public:
    RedisServer(const std::string& user, const std::string& password);
    ~RedisServer();
    std::uint16_t port() const { return port_; }

  private:
    TempDir folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> server_;
};

} // namespace agent::test
