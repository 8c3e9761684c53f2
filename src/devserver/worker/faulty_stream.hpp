#pragma once
// FaultyStream: how a worker with faults (faults.hpp) writes and ends, beneath the WebSocket.
// connection.cpp calls it only where a fault is asked for.

#include "async/token.hpp"
#include "devserver/worker/faults.hpp"
#include "net/tls_stream.hpp"

#include <cstddef>
#include <span>

namespace devserver {

using agent::awaitable;

class FaultyStream {
  public:
    explicit FaultyStream(const WorkerFaults& faults) : faults_(faults) {}

    bool shapes_frames() const { return faults_.frames != WorkerFaults::Frames::plain; }
    /// One binary frame of the fault's shape.
    awaitable<agent::Status> write(agent::net::TlsStream& tls, std::span<const std::byte> payload);
    /// After an endless frame nothing else can be said.
    bool mid_frame() const { return endless_; }

    /// A frame of `payload`'s length with half of it, then a reset.
    static awaitable<void> reset_in_frame(agent::net::TlsStream& tls,
                                          std::span<const std::byte> payload);
    /// A TCP reset, now.
    static void reset(agent::net::TlsStream& tls);
    /// FIN with nothing before it.
    static void vanish(agent::net::TlsStream& tls);
    /// Whatever arrives is dropped by the kernel, unacknowledged.
    static void cut_off(agent::net::TlsStream& tls);
    /// A fatal alert, as from a worker that cannot go on with this TLS session.
    static awaitable<void> alert(agent::net::TlsStream& tls);

  private:
    const WorkerFaults& faults_;
    std::size_t cut_ = 1; ///< where the next frame is split
    bool endless_ = false;
};

} // namespace devserver
