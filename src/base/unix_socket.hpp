#pragma once
// Unix sockets that have a path: their address, who may open them, and whether somebody is there.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string>

namespace agent {

/// Errc::environment when it does not fit.
Result<sockaddr_un> unix_address(const std::string& path);

/// What is at the path already.
enum class Present : std::uint8_t {
    is_ours,      ///< removed: the caller holds the lock that says that nobody serves it
    may_be_served ///< a socket that nobody answers is removed, anything else is an error
};

/// A socket at `path` that only this user can open, non-blocking and close-on-exec; one of type
/// SOCK_STREAM listens. Errc::listen_failed.
Result<UniqueFd> listen_unix(const std::string& path, Present present, int type = SOCK_STREAM);

/// Is somebody there? 0: yes, even one who is too busy to accept. ECONNREFUSED: the file was left
/// behind. Does not wait.
int try_connect(const std::string& path, int type = SOCK_STREAM);

} // namespace agent
