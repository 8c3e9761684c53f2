#pragma once
// Child: one process of the supervised program, from its start to its wait status, with everything
// it inherits.

#include "agentd/supervisor/descriptor_store.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

namespace supervisor {

class Child {
  public:
    struct Inheritance {
        int callers = -1; ///< becomes descriptor 3, named agentd.socket; the store's follow
        const DescriptorStore* store = nullptr;
        std::string notify_socket;
        std::chrono::milliseconds watchdog{0};
        unsigned long file_limit = 1024; ///< its soft RLIMIT_NOFILE
    };

    /// The program's own failure to run is exit status 127, and a line in the log.
    static agent::Result<Child> start(const std::string& program, const Inheritance& given);

    pid_t pid() const { return pid_; }
    /// Readable when it has ended.
    int descriptor() const { return process_.get(); }
    void signal(int number) const;
    /// Its wait status, once; nullopt: it runs.
    std::optional<int> reap();

  private:
    Child(pid_t pid, agent::UniqueFd process) : pid_(pid), process_(std::move(process)) {}

    pid_t pid_;
    agent::UniqueFd process_;
    bool reaped_ = false;
};

} // namespace supervisor
