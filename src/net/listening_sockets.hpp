#pragma once
// ListeningSockets: the sockets a proxy listens on, as descriptors that several processes may hold
// at once, so that its clients wait in the kernel's queue while one of them is replaced. proxy
// hands them out and takes them, agentd keeps them meanwhile.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/listen.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace agent::net {

struct ListeningSockets {
    UniqueFd tcp;
    UniqueFd local;

    /// Descriptors of the same sockets, to be passed on. Without those that this process has no
    /// room for.
    std::vector<UniqueFd> share() const;
    /// For everybody who holds them: nothing can connect any more, and who waits in their queues is
    /// let go.
    void shut() const;
};

/// Each in its place by what it is; what does not listen is closed.
ListeningSockets sort_sockets(std::vector<UniqueFd> descriptors);

/// Goes on with a socket that another process has listened on. Errc::listen_failed when it listens
/// elsewhere, or no more. Port 0: on any port.
Result<boost::asio::ip::tcp::acceptor> adopt_tcp(boost::asio::any_io_executor executor,
                                                 UniqueFd socket, const std::string& address,
                                                 std::uint16_t port);
Result<UnixListener> adopt_unix(boost::asio::any_io_executor executor, UniqueFd socket,
                                const std::filesystem::path& path);

} // namespace agent::net
