#pragma once
// What the log says about clients that were refused: the first at once, then one line a minute that
// counts them. Who is refused must not be able to fill a disk, or keep us busy writing.

#include "async/token.hpp"
#include "net/peer.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace agent::net {

class Refusals {
  public:
    /// `what` was refused to them, as in "the proxy on port 5432 is not shared".
    explicit Refusals(std::string what, std::chrono::milliseconds pause = std::chrono::minutes(1))
        : what_(std::move(what)), pause_(pause) {}
    Refusals(const Refusals&) = delete;
    Refusals& operator=(const Refusals&) = delete;
    ~Refusals() { tell(); }

    void rename(std::string what) { what_ = std::move(what); }
    /// `port`: the client's; 0 over a Unix socket. true: `tell_later()` is to be run, by a parent
    /// of the caller's, until it returns.
    bool note(const Peer& peer, std::uint16_t port);
    awaitable<void> tell_later();

  private:
    struct Count {
        Peer peer;
        std::uint64_t clients = 0;
    };
    void tell();

    std::string what_;
    std::chrono::milliseconds pause_;
    std::chrono::steady_clock::time_point next_;
    bool later_ = false;       ///< tell_later() runs
    std::uint64_t untold_ = 0; ///< clients
    std::array<Count, 4>
        counts_; ///< of these so many by each owner; users can be many, a line cannot
};

} // namespace agent::net
