#pragma once
// DescriptorStore: listening sockets that outlive the process that made them, each under a name
// that several may have. The supervisor hands all of them to the next process.

#include "base/unique_fd.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace supervisor {

class DescriptorStore {
  public:
    struct Entry {
        std::string name;
        agent::UniqueFd socket;
    };

    explicit DescriptorStore(std::size_t limit = 2048) : limit_(limit) {}

    /// The same socket under the same name is held once. false: there is no room, and it is closed.
    bool put(std::string name, agent::UniqueFd socket);
    /// How many of that name were closed.
    std::size_t drop(const std::string& name);
    /// Closes those that were shut: nobody can listen there any more.
    void drop_shut();

    std::size_t limit() const { return limit_; }
    const std::vector<Entry>& entries() const { return entries_; }

  private:
    std::size_t limit_;
    std::vector<Entry> entries_; ///< in the order in which they came
};

} // namespace supervisor
