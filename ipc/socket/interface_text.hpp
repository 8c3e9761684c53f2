#pragma once
// The .varlink files as text: what org.varlink.service.GetInterfaceDescription returns. Embedded
// when CMake configures.

#include <string_view>

namespace ipc {

extern const std::string_view agent_interface;   ///< org.agentd.Agent
extern const std::string_view proxy_interface;   ///< org.agentd.Proxy
extern const std::string_view service_interface; ///< org.varlink.service

} // namespace ipc
