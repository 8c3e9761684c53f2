#pragma once
// A proxy as the ipc contract shows it. control.cpp fills it for every reply.

#include "ipc/messages/serve.hpp"
#include "model/event_kind.hpp"
#include "model/proxy_settings.hpp"
#include "proxy/proxy.hpp"

#include <string_view>

namespace agentd {

/// `told`: what Serve was told.
ipc::Proxy view(const agent::proxy::Proxy& proxy, const ipc::Serve::Request& told,
                const agent::model::ProxySettings& settings);
/// "proxy-started", as the contract's events are called.
std::string_view event_kind(agent::proxy::Change change);

} // namespace agentd
