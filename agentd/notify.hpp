#pragma once
// What agentd, agent-proxy and agent-supervisor tell their service manager (the sd_notify protocol,
// without libsystemd: the latter two are to stay small). Without a manager nothing happens.
//
// NOTIFY_SOCKET may be a path or an abstract name. Anybody can bind an abstract name once its first
// owner has gone, so whoever is there hears READY=1 and nothing else, ever. So does a path whose
// folder others can write to.

#include <chrono>
#include <optional>
#include <string>

namespace agentd {

/// Takes what the manager has said out of the environment, so that no child speaks for us. Before
/// anything is started.
void meet_manager();

void notify_ready();
void notify_stopping();
/// Its event loop turns.
void notify_alive();

/// It keeps a descriptor for whoever is started after us, under that name; several may have the
/// same. false: it did not take it, or there is none that offers to.
bool notify_store(const std::string& name, int descriptor);
/// It closes all that it keeps under that name.
void notify_forget(const std::string& name);

/// How often the manager wants to hear from us before it takes us for hung; nullopt: it does not.
std::optional<std::chrono::microseconds> watchdog_period();

} // namespace agentd
