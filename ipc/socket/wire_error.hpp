#pragma once
// agent::Error ↔ Varlink error reply. Our own errors are "INTERFACE." + errc_name(code) with hop,
// message and hint; the protocol's own are those of org.varlink.service.

#include "base/error.hpp"
#include "ipc/socket/codec.hpp"

#include <string_view>

namespace ipc {

/// `interface`: the one whose method was called, "org.agentd.Agent".
Reply error_reply(const agent::Error& error, std::string_view interface);

/// Also for names of nobody we know: their parameters become part of the message.
agent::Error error_from_reply(const Reply& reply);

Reply method_not_found(std::string_view method);
Reply interface_not_found(std::string_view interface);
/// `parameter`: its path, "cluster.address"; `message`: what is wrong with it.
Reply invalid_parameter(std::string_view parameter, std::string_view message);
Reply expected_more();

} // namespace ipc
