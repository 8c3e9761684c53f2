#pragma once
// Bytes between standard input, standard output and one socket; and a descriptor handed to another
// process. stdio.cpp uses both.

#include "base/result.hpp"

#include <cstdint>

namespace agentctl {

struct Carried {
    std::uint64_t up = 0;
    std::uint64_t down = 0;
    bool by_peer = false; ///< the socket ended; else whoever reads our output has gone
};

/// Until the socket has said all. The input's end shuts the socket's write side and no more: the
/// answer still comes. The descriptors keep their flags, which they share with other processes.
Carried pump_stdio(int socket, int input, int output);

/// Sends `descriptor` and one byte over the Unix socket `channel` (SCM_RIGHTS).
agent::Status pass_descriptor(int channel, int descriptor);

} // namespace agentctl
