#pragma once
// Local listening sockets: TCP on a numeric address, and Unix sockets that only their owner can
// open.

#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace agent::net {

/// Binds and listens; port 0 takes any free one. "localhost" and "" mean 127.0.0.1.
/// Errc::listen_failed names the port and, where /proc shows it, the process that holds it.
Result<boost::asio::ip::tcp::acceptor> listen_tcp(boost::asio::any_io_executor executor,
                                                  const std::string& address, std::uint16_t port);

/// Errc::listen_failed in the words that listen_tcp has for a taken port. `holder` may be empty.
Error port_is_taken(const std::string& address, std::uint16_t port, const std::string& holder);

/// A Unix socket's listener; removes its file when it goes.
class UnixListener {
  public:
    UnixListener(boost::asio::local::stream_protocol::acceptor acceptor, std::filesystem::path path)
        : acceptor_(std::move(acceptor)), path_(std::move(path)) {}
    UnixListener(UnixListener&& other) noexcept
        : acceptor_(std::move(other.acceptor_)), path_(std::exchange(other.path_, {})) {}
    UnixListener& operator=(UnixListener&&) = delete;
    ~UnixListener() { close(); }

    boost::asio::local::stream_protocol::acceptor& acceptor() { return acceptor_; }
    const std::filesystem::path& path() const { return path_; }
    void close();
    /// Closes only this process's part: another one goes on listening there.
    void leave();

  private:
    boost::asio::local::stream_protocol::acceptor acceptor_;
    std::filesystem::path path_;
};

/// Owner-only (0600) before the first client can connect. A socket file that nobody answers is
/// removed first; one that somebody answers is Errc::listen_failed.
Result<UnixListener> listen_unix(boost::asio::any_io_executor executor,
                                 const std::filesystem::path& path);

} // namespace agent::net
