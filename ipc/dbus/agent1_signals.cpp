// The signals of Agent1: what happened that a desktop may want to tell. PropertiesChanged and
// InterfacesAdded are Mirror's.

#include "ipc/dbus/agent1.hpp"

#include <algorithm>

namespace ipc::dbus {

namespace {
constexpr std::size_t remembered_ends = 256;
}

// A session may end before its proxy does, or with it: either way that is told once.
bool Agent1::ends_now(const std::string& session) {
    if (session.empty() || std::ranges::find(ended_, session) != ended_.end()) return false;
    ended_.push_back(session);
    if (ended_.size() > remembered_ends) ended_.pop_front();
    return true;
}

void Agent1::signal_event(const Event& event) {
    const Proxy proxy = event.proxy.value_or(Proxy());
    const std::string path =
        event.proxy ? object_path(Kind<Proxy>::folder, proxy.name) : std::string();
    const auto emit = [this](const char* name, const char* types, auto... values) {
        ::sd_bus_emit_signal(bus_, root_path, root_interface, name, types, values...);
    };
    if (event.kind == "login-needed")
        emit("LoginNeeded", "ss", proxy.cluster.c_str(), event.message.c_str());
    if (!event.proxy) return;
    const bool over = event.kind == "session-ended" || event.kind == "proxy-ended";
    if (over && ends_now(proxy.session_id))
        emit("SessionEnded", "oss", path.c_str(), proxy.session_id.c_str(), event.message.c_str());
    else if (event.kind == "expiry-near")
        emit("ExpiryNear", "oss", path.c_str(), proxy.session_id.c_str(), proxy.expiration.c_str());
    else if (event.kind == "port-blocked")
        emit("PortBlocked", "os", path.c_str(), event.message.c_str());
}

} // namespace ipc::dbus
