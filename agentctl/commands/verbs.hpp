#pragma once
// The functions behind the verb table in main.cpp; each is in the file named after it.

#include "agentctl/resources/rows.hpp"
#include "agentctl/verb.hpp"

namespace agentctl {

/// Every command that is a row of resources/.
Outcome run_row(const Invocation&, const Resource&, const CommandRow&);
/// read, update and delete ID.
Outcome run_generic(const Invocation&);
/// The reference's commands that are about something else.
Outcome elsewhere(const Invocation&);
/// agentd is the cache: nothing to start, stop or tell.
Outcome cache(const Invocation&);
Outcome get_token(const Invocation&);
Outcome dev(const Invocation&);
Outcome authenticate(const Invocation&);
Outcome logout(const Invocation&);
Outcome login(const Invocation&);
Outcome list_clusters(const Invocation&);
Outcome add_cluster(const Invocation&);
Outcome remove_cluster(const Invocation&);
Outcome use_cluster(const Invocation&);
Outcome list_keyrings(const Invocation&);
Outcome move_logins(const Invocation&);
Outcome authorize_session(const Invocation&);
Outcome cancel_session(const Invocation&);
Outcome connect(const Invocation&);
Outcome connect_helper(const Invocation&);
Outcome list_proxies(const Invocation&);
Outcome attach(const Invocation&);
Outcome disconnect(const Invocation&);
Outcome reconnect(const Invocation&);
Outcome why(const Invocation&);
Outcome config_check(const Invocation&);
Outcome reload(const Invocation&);
Outcome start(const Invocation&);
Outcome enable(const Invocation&);
Outcome disable(const Invocation&);
Outcome ssh_config(const Invocation&);
Outcome status(const Invocation&);
Outcome watch(const Invocation&);
Outcome console(const Invocation&);
Outcome version(const Invocation&);

} // namespace agentctl
