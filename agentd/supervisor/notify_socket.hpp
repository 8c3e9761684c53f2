#pragma once
// NotifySocket: where the supervised program says READY=1 and the rest. A file of our own folder,
// so that no other user can fill its queue.

#include "agentd/supervisor/notification.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace supervisor {

class NotifySocket {
  public:
    struct Message {
        pid_t sender = 0; ///< as the kernel says
        Notification said;
        std::vector<agent::UniqueFd> descriptors;
    };

    /// Takes the place of a file that an earlier one has left.
    static agent::Result<NotifySocket> open(std::string path);
    NotifySocket(NotifySocket&&) = default;
    ~NotifySocket();

    int descriptor() const { return socket_.get(); }
    const std::string& path() const { return path_; }
    /// It still leads here.
    bool ours() const;
    /// nullopt: there is none at the moment. What is too long, or comes from another user, is
    /// passed over.
    std::optional<Message> receive() const;

  private:
    NotifySocket(agent::UniqueFd socket, std::string path, dev_t device, ino_t number)
        : socket_(std::move(socket)), path_(std::move(path)), device_(device), number_(number) {}

    agent::UniqueFd socket_;
    std::string path_;
    dev_t device_;
    ino_t number_;
};

} // namespace supervisor
