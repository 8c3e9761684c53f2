#pragma once
// SessionBus: a message bus of the test's own, as a session has one. It can die and come back at
// the same address, start services, and let other users in.

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <memory>

namespace agent::test {

class SessionBus {
  public:
    struct Options {
        Environment environment; ///< of the services it starts
        std::string services;    ///< folder with .service files; empty: none
        bool open = false;       ///< other users may connect
    };
    SessionBus();
    explicit SessionBus(Options options);

    std::string address() const { return "unix:path=" + (folder_ / "bus").string(); }
    pid_t pid() const { return daemon_ ? daemon_->pid() : -1; }
    void start();
    void stop();

  private:
    Options options_;
    TempDir folder_;
    std::unique_ptr<Process> daemon_;
};

} // namespace agent::test
