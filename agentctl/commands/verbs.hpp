#pragma once
// The functions behind the verb table in main.cpp; each is in the file named after it.

#include "agentctl/verb.hpp"

namespace agentctl {

int dev(const Invocation&);
int authenticate(const Invocation&);
int logout(const Invocation&);
int login(const Invocation&);
int list_clusters(const Invocation&);
int add_cluster(const Invocation&);
int remove_cluster(const Invocation&);
int use_cluster(const Invocation&);
int list_keyrings(const Invocation&);
int move_logins(const Invocation&);
int list(const Invocation&);
int read(const Invocation&);
int delete_resource(const Invocation&);
int authorize_session(const Invocation&);
int cancel_session(const Invocation&);
int connect(const Invocation&);
int connect_ssh(const Invocation&);
int list_proxies(const Invocation&);
int attach(const Invocation&);
int disconnect(const Invocation&);
int reconnect(const Invocation&);
int why(const Invocation&);
int config_check(const Invocation&);
int reload(const Invocation&);
int start(const Invocation&);
int enable(const Invocation&);
int disable(const Invocation&);
int ssh_config(const Invocation&);
int status(const Invocation&);
int watch(const Invocation&);
int console(const Invocation&);
int version(const Invocation&);

} // namespace agentctl
