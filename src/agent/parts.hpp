#pragma once
// Parts: the agent's parts, as its use cases and its proxies see them. Agent makes them, and they
// live as long as it does.

#include "agent/clusters/clusters.hpp"
#include "agent/clusters/controllers.hpp"
#include "agent/event_hub.hpp"
#include "agent/process/end_process.hpp"
#include "agent/process/launching.hpp"
#include "agent/process/listener_keeping.hpp"
#include "agent/process/proxy_pings.hpp"
#include "agent/proxies.hpp"
#include "agent/proxy/held_sessions.hpp"
#include "agent/proxy/openings.hpp"
#include "agent/proxy_launcher.hpp"
#include "agent/session/expiry_watch.hpp"
#include "agent/session/session_ledger.hpp"
#include "async/task_group.hpp"
#include "keyring/logins.hpp"
#include "state/state_store.hpp"

namespace agent::core {

struct Parts {
    boost::asio::any_io_executor executor;
    // lent to the agent
    keyring::Logins& logins;
    Clusters& clusters;
    ProxyLauncher& launcher;
    state::StateStore& store;
    // its own
    Controllers& controllers;
    EventHub& events;
    Proxies& proxies;
    SessionCalls& session_calls;
    SessionLedger& ledger;
    ListenerKeeping& listeners;
    ProxyPings& pings;
    ExpiryWatch& expiry;
    HeldSessions& held;
    Openings& openings;
    async::TaskGroup& tasks;
};

} // namespace agent::core
