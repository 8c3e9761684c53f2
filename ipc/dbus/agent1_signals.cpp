// The signals of Agent1: what happened that a desktop may want to tell. PropertiesChanged and InterfacesAdded are
// Mirror's.

#include "ipc/dbus/agent1.hpp"

namespace ipc::dbus {

void Agent1::signal_event(const Event& event) {
    const Proxy proxy = event.proxy.value_or(Proxy());
    const std::string path = event.proxy ? object_path(Kind<Proxy>::folder, proxy.name) : std::string();
    const auto emit = [this](const char* name, const char* types, auto... values) {
        ::sd_bus_emit_signal(bus_, root_path, root_interface, name, types, values...);
    };
    if (event.kind == "login-needed") emit("LoginNeeded", "ss", proxy.cluster.c_str(), event.message.c_str());
    if (!event.proxy) return;
    if (event.kind == "session-ended" || event.kind == "proxy-ended")
        emit("SessionEnded", "oss", path.c_str(), proxy.session_id.c_str(), event.message.c_str());
    else if (event.kind == "expiry-near")
        emit("ExpiryNear", "oss", path.c_str(), proxy.session_id.c_str(), proxy.expiration.c_str());
    else if (event.kind == "port-blocked")
        emit("PortBlocked", "os", path.c_str(), event.message.c_str());
}

} // namespace ipc::dbus
