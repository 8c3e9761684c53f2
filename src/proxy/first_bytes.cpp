#include "proxy/first_bytes.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace agent::proxy {

// An end or an error is left for the relay: the next recv meets it again.
bool FirstBytes::take() {
    std::array<char, 16 * 1024> piece;
    while (bytes_.size() < limit) {
        const auto room = std::min(piece.size(), limit - bytes_.size());
        const auto count = ::recv(descriptor(), piece.data(), room, MSG_DONTWAIT);
        if (count > 0) {
            bytes_.append(piece.data(), static_cast<std::size_t>(count));
            if (static_cast<std::size_t>(count) < room) return true;
        } else if (count == 0 || errno != EINTR) {
            return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        }
    }
    return false;
}

} // namespace agent::proxy
