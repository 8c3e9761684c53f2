#pragma once
// What agentd, agent-proxy and agent-supervisor tell their service manager (the sd_notify protocol, without libsystemd:
// the latter two are to stay small). Without a manager nothing happens.

#include <chrono>
#include <optional>
#include <string>

namespace agentd {

void notify_ready();
void notify_stopping();
/// Its event loop turns.
void notify_alive();

/// It keeps a descriptor for whoever is started after us, under that name; several may have the same. false: it did not
/// take it, or there is none.
bool notify_store(const std::string& name, int descriptor);
/// It closes all that it keeps under that name.
void notify_forget(const std::string& name);

/// How often the manager wants to hear from us before it takes us for hung; nullopt: it does not.
std::optional<std::chrono::microseconds> watchdog_period();

} // namespace agentd
