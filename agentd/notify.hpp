#pragma once
// What agentd and agent-proxy tell their service manager (the sd_notify protocol, without libsystemd: agent-proxy is to
// stay small). Without a manager nothing happens.

#include "async/token.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace agentd {

void notify_ready();
void notify_stopping();

/// It keeps a descriptor for whoever is started after us, under that name; several may have the same.
void notify_store(const std::string& name, int descriptor);
/// It closes all that it keeps under that name.
void notify_forget(const std::string& name);

/// How often the manager wants to hear from us before it takes us for hung; nullopt: it does not.
std::optional<std::chrono::microseconds> watchdog_period();
/// Tells it that the event loop turns, three times in each period, until cancelled.
agent::awaitable<void> feed_watchdog(std::chrono::microseconds period);

} // namespace agentd
