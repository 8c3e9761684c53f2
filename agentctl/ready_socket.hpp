#pragma once
// ReadySocket: where an agentd that we start says READY=1 (the sd_notify protocol). A file in the
// agent's own folder, so that nobody else can ever stand there, not even after we have gone;
// start_agent.cpp waits at it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>

namespace agentctl {

class ReadySocket {
  public:
    /// In $XDG_RUNTIME_DIR/agentd, which is made where it is missing. Removes what others have left
    /// there.
    static agent::Result<ReadySocket> open();
    ReadySocket(ReadySocket&&) = default;
    ReadySocket& operator=(ReadySocket&&) = delete;
    ~ReadySocket();

    int descriptor() const { return socket_.get(); }
    const std::string& path() const { return path_; }
    /// Takes one message: whether it says so.
    bool take_ready() const;

  private:
    ReadySocket(agent::UniqueFd socket, std::string path)
        : socket_(std::move(socket)), path_(std::move(path)) {}

    agent::UniqueFd socket_;
    std::string path_;
};

} // namespace agentctl
