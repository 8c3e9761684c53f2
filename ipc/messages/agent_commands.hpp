#pragma once
// The verbs of org.agentd.Agent, listed once. agentd implements the abstract class that the list
// becomes; a forgotten handler is a compile error that names the verb.

#include "ipc/messages/add_cluster.hpp"
#include "ipc/messages/attach.hpp"
#include "ipc/messages/authenticate.hpp"
#include "ipc/messages/authorize_session.hpp"
#include "ipc/messages/cancel_session.hpp"
#include "ipc/messages/connect.hpp"
#include "ipc/messages/delete.hpp"
#include "ipc/messages/disconnect.hpp"
#include "ipc/messages/forward.hpp"
#include "ipc/messages/list.hpp"
#include "ipc/messages/list_clusters.hpp"
#include "ipc/messages/list_keyrings.hpp"
#include "ipc/messages/list_proxies.hpp"
#include "ipc/messages/login_method.hpp"
#include "ipc/messages/logout.hpp"
#include "ipc/messages/methods.hpp"
#include "ipc/messages/move_logins.hpp"
#include "ipc/messages/read.hpp"
#include "ipc/messages/reconnect.hpp"
#include "ipc/messages/reload.hpp"
#include "ipc/messages/remove_cluster.hpp"
#include "ipc/messages/status.hpp"
#include "ipc/messages/use_cluster.hpp"
#include "ipc/messages/watch.hpp"
#include "ipc/messages/why.hpp"

namespace ipc {

using AgentCommands = Methods<Status, Authenticate, Logout, List, Read, Delete, AuthorizeSession,
                              CancelSession, Connect, ListProxies, Attach, Disconnect, Reconnect,
                              Why, Watch, ListClusters, AddCluster, RemoveCluster, UseCluster,
                              LoginMethod, ListKeyrings, MoveLogins, Forward, Reload>;

} // namespace ipc
