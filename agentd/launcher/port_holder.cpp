#include "agentd/launcher/port_holder.hpp"

#include "agentd/launcher/own_ports.hpp"
#include "net/listen.hpp"

namespace agentd {

using agent::Errc;

agent::Error PortHolder::name(agent::Error problem, const std::string& address,
                              std::int64_t port) const {
    if (problem.code != Errc::listen_failed || port <= 0 || port > 65535 || address == "none")
        return problem;
    const auto number = static_cast<std::uint16_t>(port);
    const auto tried = agent::net::listen_tcp(executor_, address, number);
    if (tried || tried.error().code != Errc::listen_failed) return problem;
    const std::string own = OwnPorts::known().holder(address, port);
    if (own.empty()) return tried.error();
    auto taken = agent::net::port_is_taken(address, number, "your own proxy " + own);
    taken.hint = "agentctl attach " + own + " comes back to it; or choose another port.";
    return taken;
}

void PortHolder::port_is_taken(agent::core::ProxyStatus& status) {
    unnamed_ = status.reason;
    named_ = name(agent::fail(Errc::listen_failed, agent::Hop::local, status.reason),
                  status.address, status.port)
                 .message;
    name(status.reason);
}

void PortHolder::name(std::string& text) const {
    if (!unnamed_.empty() && text == unnamed_) text = named_;
}

} // namespace agentd
