#include "agentctl/stdio.hpp"

#include "ipc/messages/list_proxies.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/stdio_pump.hpp"
#include "base/unix_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;
using namespace std::chrono_literals;

// A proxy may end by inactivity in the moment in which it is named to us.
constexpr int attempts = 3;
// How long the agent may need to hear of a failure that our socket has shown already.
constexpr auto told_limit = 1s;

struct Connection {
    ipc::Proxy proxy; ///< as it was before
    agent::UniqueFd socket;
};

agent::Result<agent::UniqueFd> connect_unix(const std::string& path) {
    const auto address = agent::unix_address(path);
    if (!address) return address.error();
    agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno(Errc::environment, Hop::local, "socket", errno);
    while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
           0)
        if (errno != EINTR)
            return fail_errno(Errc::proxy_failed, Hop::local, "connect to the proxy at " + path,
                              errno);
    return socket;
}

agent::Result<Connection> open_connection(ipc::Connect::Request request) {
    request.reuse = true;
    request.listen_address = "none";
    request.listen_port.reset();
    for (int attempt = 1;; ++attempt) {
        // Streamed, so that agentd notices when we are killed before there is a session.
        auto answer = call_agent_more<ipc::Connect>(request, [](const ipc::Connect::Response&) {});
        if (!answer) return answer.error();
        if (!answer->proxy)
            return fail(Errc::internal, Hop::agent, "agentd answered without a proxy");
        auto socket = connect_unix(answer->proxy->socket_path);
        if (!socket && attempt < attempts) continue;
        if (!socket) return socket.error();
        Connection connection;
        connection.proxy = std::move(*answer->proxy);
        connection.socket = std::move(*socket);
        return connection;
    }
}

// What the agent knows about why our connection ended; nothing when it ended as connections do. A
// proxy that has ended is no failure of a connection that carried something: the last one of a
// limited session ends it.
std::optional<agent::Error> failure_since(const ipc::Proxy& before, bool nothing_came) {
    const auto answer = call_agent<ipc::ListProxies>({});
    if (!answer) return std::nullopt;
    for (const ipc::Proxy& now : answer->proxies) {
        if (now.name != before.name) continue;
        if (!now.client_failures) return std::nullopt;
        for (const auto& failure : *now.client_failures)
            if (failure.pid == ::getpid() && failure.number > before.connections_failed)
                return fail(Errc::proxy_failed, Hop::target, failure.message);
        return std::nullopt; // what failed there was somebody else's
    }
    if (!nothing_came) return std::nullopt;
    return fail(Errc::session_over, Hop::local,
                "proxy " + before.name + " and its session have ended");
}

} // namespace

Outcome run_stdio(ipc::Connect::Request request, const Attempt& attempt) {
    auto connection = open_connection(std::move(request));
    if (!connection) return Failure{connection.error(), attempt};
    const auto carried = pump_stdio(connection->socket.get(), STDIN_FILENO, STDOUT_FILENO);
    connection->socket.reset();
    if (!carried.by_peer) return 0; // whoever read our output has had enough
    const bool nothing_came = carried.down == 0;
    auto failure = failure_since(connection->proxy, nothing_came);
    // Nothing at all came: most likely it failed, and the word of it is still on its way to agentd.
    const auto deadline = std::chrono::steady_clock::now() + told_limit;
    while (!failure && nothing_came && std::chrono::steady_clock::now() < deadline) {
        ::poll(nullptr, 0, 20);
        failure = failure_since(connection->proxy, nothing_came);
    }
    if (failure) return Failure{*failure, attempt};
    return 0;
}

Outcome run_fdpass(ipc::Connect::Request request, const Attempt& attempt) {
    int family = 0;
    socklen_t size = sizeof family;
    if (::getsockopt(STDOUT_FILENO, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0 ||
        family != AF_UNIX)
        return Failure{
            fail(Errc::invalid_argument, Hop::local,
                 "-fdpass: standard output is no Unix socket, so no descriptor can be passed over "
                 "it",
                 "It is for ssh with ProxyUseFdpass yes; without that, leave -fdpass out."),
            {}};
    const auto connection = open_connection(std::move(request));
    if (!connection) return Failure{connection.error(), attempt};
    const auto passed = pass_descriptor(STDOUT_FILENO, connection->socket.get());
    if (!passed) return Failure{passed.error(), attempt};
    return 0;
}

} // namespace agentctl
