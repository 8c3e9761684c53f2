#pragma once
// ManagerSocket: the way to the service manager that NOTIFY_SOCKET names, and whether it can be
// trusted with more than that we are ready. notify.cpp owns the one there is.

#include "base/unique_fd.hpp"

#include <sys/socket.h>

#include <string>
#include <string_view>

namespace agentd {

class ManagerSocket {
  public:
    /// Empty: there is no manager.
    explicit ManagerSocket(std::string address);

    /// Whether a queue that is full is worth waiting for. The kernel lets ten messages wait; where
    /// a manager is so slow, one that does not matter is better lost.
    enum class Patience { none, a_second };

    /// Whoever has the address may hear it.
    bool say_to_anybody(std::string_view state);
    /// Only a socket file of this user's or root's, in a folder of theirs where nobody else can put
    /// another.
    bool say(std::string_view state, Patience patience, int descriptor = -1);

    /// At this moment.
    bool trusted() const;
    /// Nothing is said any more.
    void forget();
    const std::string& address() const { return address_; }

  private:
    bool send(const std::string& address, std::string_view state, Patience patience,
              int descriptor);
    bool send_patiently(const msghdr& message, Patience patience);

    std::string address_; ///< begins with / or @; empty: none
    std::string file_;    ///< its last part, in folder_
    agent::UniqueFd folder_;
    agent::UniqueFd socket_; ///< made early: there may be no descriptors left when it is needed
    bool deaf_ = false;
};

} // namespace agentd
