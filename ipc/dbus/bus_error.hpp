#pragma once
// Errors on the bus: "org.agentd.Error." and the last part of the Varlink name, with what people
// need as the text.

#include "base/error.hpp"
#include "ipc/dbus/handles.hpp"

#include <string>

namespace ipc::dbus {

/// "org.agentd.Error.ProxyNotFound".
std::string error_name(const agent::Error& error);
/// What happened, which fields are meant, and the next step: "there is no proxy db; agentctl list
/// shows them".
std::string error_text(const agent::Error& error);
/// For a callback to return.
int set_error(sd_bus_error* out, const agent::Error& error);
/// Of an sd-bus function that failed with -errno, or of a reply that is an error.
agent::Error from_sd_bus(std::string what, int result);
agent::Error from_reply(std::string what, sd_bus_message* reply);

} // namespace ipc::dbus
