#pragma once
// What sd-bus hands out, owned; and the boundary between its C callbacks and our C++: nothing
// escapes a callback.

#include "base/caught.hpp"
#include "base/log.hpp"

#include <systemd/sd-bus.h>

#include <exception>
#include <memory>
#include <new>

namespace ipc::dbus {

struct Release {
    void operator()(sd_bus* bus) const noexcept { ::sd_bus_close_unref(bus); }
    void operator()(sd_bus_message* message) const noexcept { ::sd_bus_message_unref(message); }
    void operator()(sd_bus_slot* slot) const noexcept { ::sd_bus_slot_unref(slot); }
};
using BusPtr = std::unique_ptr<sd_bus, Release>;
using MessagePtr = std::unique_ptr<sd_bus_message, Release>;
/// A registration (object, match, pending reply): dropping it takes it back.
using SlotPtr = std::unique_ptr<sd_bus_slot, Release>;

inline MessagePtr keep(sd_bus_message* message) {
    return MessagePtr(::sd_bus_message_ref(message));
}

/// Runs `body` (which returns what the callback shall return) where C calls us.
template <class Body> int guarded(sd_bus_error* error, Body body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return -ENOMEM;
    } catch (...) {
        agent::log::error("d-bus callback failed: {}", agent::caught().message);
        return error == nullptr
                   ? -EIO
                   : ::sd_bus_error_set_const(error, "org.agentd.Error.Internal", "internal error");
    }
}

} // namespace ipc::dbus
