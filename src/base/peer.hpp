#pragma once
// Who is at the other end of a socket.

#include <sys/socket.h>
#include <unistd.h>

namespace agent {

/// false: a process of another user listens (or has connected) there, root's excepted. Only a Unix
/// socket knows; any other passes. An abstract name in particular is anybody's once its owner has
/// gone.
inline bool peer_is_ours_or_roots(int socket) {
    int family = AF_UNSPEC;
    socklen_t size = sizeof family;
    if (::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return false;
    if (family != AF_UNIX) return true;
    ucred peer{};
    size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == ::geteuid() || peer.uid == 0);
}

} // namespace agent
