#pragma once
// FirstBytes: what a local client sends before its connection is open. They follow the handshake at
// once, in the same flight, and are kept until the worker has accepted it, so that a retry can send
// them again. connection.cpp owns one, session_gate.cpp and worker_link.cpp use it.

#include "async/token.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>
#include <string>

namespace agent::proxy {

class FirstBytes {
  public:
    static constexpr std::size_t limit =
        64 * 1024; ///< what comes behind waits in the client's socket

    virtual ~FirstBytes() = default;
    /// Returns when the client has sent something, has ended or broken; takes nothing.
    virtual awaitable<void> wait() = 0;
    /// Takes what is there, without waiting. false: there is no use in waiting for more.
    bool take();
    /// All that were taken.
    const std::string& bytes() const { return bytes_; }

  protected:
    virtual int descriptor() = 0;

  private:
    std::string bytes_;
};

template <class Socket> class SocketFirstBytes final : public FirstBytes {
  public:
    explicit SocketFirstBytes(Socket& socket) : socket_(socket) {}
    awaitable<void> wait() override {
        co_await socket_.async_wait(Socket::wait_read, async::token);
    }

  protected:
    int descriptor() override { return socket_.native_handle(); }

  private:
    Socket& socket_;
};

} // namespace agent::proxy
