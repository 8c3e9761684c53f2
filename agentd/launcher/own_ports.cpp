#include "agentd/launcher/own_ports.hpp"

namespace agentd {
namespace {

bool every_address(const std::string& address) {
    return address == "0.0.0.0" || address == "::";
}

} // namespace

OwnPorts& OwnPorts::known() {
    static OwnPorts ports;
    return ports;
}

void OwnPorts::note(const void* who, const agent::core::ProxyStatus& status) {
    using agent::core::ProxyState;
    if (status.port == 0 || status.state == ProxyState::blocked ||
        status.state == ProxyState::ended)
        forget(who);
    else
        places_[who] = {status.name, status.address, status.port};
}

std::string OwnPorts::holder(const std::string& address, std::int64_t port) const {
    for (const auto& [who, place] : places_)
        if (place.port == port &&
            (place.address == address || every_address(place.address) || every_address(address)))
            return place.name;
    return {};
}

} // namespace agentd
