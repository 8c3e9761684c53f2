#pragma once
// The two ends of one bus connection over a socket pair: no daemon, no thread.

#include "ipc/dbus/handles.hpp"
#include "support/catch.hpp"

#include <sys/socket.h>

#include <utility>

namespace ipc::dbus::test {

inline BusPtr bus_end(int descriptor, bool server) {
    sd_bus* made = nullptr;
    REQUIRE(::sd_bus_new(&made) >= 0);
    BusPtr bus(made);
    REQUIRE(::sd_bus_set_fd(made, descriptor, descriptor) >= 0);
    sd_id128_t id{};
    id.bytes[0] = 1;
    if (server) REQUIRE(::sd_bus_set_server(made, 1, id) >= 0);
    REQUIRE(::sd_bus_start(made) >= 0);
    return bus;
}

/// The bus's end and a program's.
inline std::pair<BusPtr, BusPtr> bus_ends() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    auto server = bus_end(ends[0], true);
    return {std::move(server), bus_end(ends[1], false)};
}

} // namespace ipc::dbus::test
