#pragma once
// CallersSocket: agent.sock. The supervisor listens there and agentd accepts, so that callers wait
// in its queue while one agentd follows another.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace supervisor {

/// Somebody listens at `path`.
bool answers(const std::string& path);

class CallersSocket {
  public:
    /// Takes the place of a file that nobody listens at any more. Owner only.
    static agent::Result<CallersSocket> listen(std::string path);

    int descriptor() const { return socket_.get(); }
    const std::string& path() const { return path_; }
    /// The file is still there, and leads here.
    bool ours() const;
    /// Takes the file away, so that who comes now starts an agent. false: somebody is in the queue
    /// already; then it is back.
    bool leave() const;
    /// Takes the file away, whoever waits.
    void remove() const;

  private:
    CallersSocket(agent::UniqueFd socket, std::string path, dev_t device, ino_t number)
        : socket_(std::move(socket)), path_(std::move(path)), device_(device), number_(number) {}

    agent::UniqueFd socket_;
    std::string path_;
    dev_t device_; ///< of the file, which may be another's by now
    ino_t number_;
};

} // namespace supervisor
