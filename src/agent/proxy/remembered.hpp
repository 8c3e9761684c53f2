#pragma once
// What is remembered of proxies, in both directions: written when one is kept, read when agentd
// starts, when config.toml is loaded, and when a person wants one back.

#include "agent/declarations.hpp"
#include "agent/proxy/managed_proxy.hpp"
#include "state/state_store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace agent::core {

state::ProxyRecord record_of(const ProxyDeclaration& declaration);
/// The same words; the port that it got, when it was made and whether it is stopped are no words.
bool says_the_same(state::ProxyRecord one, const state::ProxyRecord& other);

Status remember(state::StateStore& store, const ManagedProxy& proxy, model::ProxySource source);
/// Not those that end with their session.
std::optional<state::ProxyRecord> find_remembered(state::StateStore& store,
                                                  const std::string& name);
Result<std::shared_ptr<ManagedProxy>> from_record(const Parts& parts,
                                                  const state::ProxyRecord& record);
/// After a crash of everything, at login, after a reboot: with the session it had, if that can
/// still be used.
awaitable<Status> start_remembered(const Parts& parts, state::ProxyRecord record,
                                   std::shared_ptr<const net::ListeningSockets> listeners);

} // namespace agent::core
