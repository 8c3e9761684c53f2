// agent-proxy: one process, one proxy. agentd starts it, hands it a session over its control
// socket, and may die or be replaced meanwhile: nothing here depends on agentd after Serve.

#include "agentd/agent_proxy/control.hpp"
#include "agentd/notify.hpp"
#include "async/run_main.hpp"
#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "base/caught.hpp"
#include "base/log.hpp"
#include "base/memory_reserve.hpp"
#include "base/process.hpp"
#include "base/spare_files.hpp"
#include "base/unique_fd.hpp"
#include "config/xdg.hpp"
#include "confine/confine.hpp"
#include "ipc/socket/interface_text.hpp"
#include "ipc/socket/router.hpp"
#include "ipc/socket/server.hpp"
#include "net/listen.hpp"
#include "net/openssl.hpp"
#include "net/resolve.hpp"
#include "proxy/file_limit.hpp"

#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

constexpr auto serve_limit = 30s;
constexpr auto told_limit = 10s;
constexpr auto prepare_after = 3ms;
constexpr auto drain_limit = 1s;
constexpr std::size_t spare_files =
    8; // of those that proxy/file_limit.cpp leaves to everything but clients
constexpr std::size_t resolver_threads = 2;

awaitable<void> stop_on_signal(agentd::Control& control) {
    boost::asio::signal_set signals(co_await boost::asio::this_coro::executor, SIGTERM, SIGINT);
    for (;;) {
        const auto [ec, number] = co_await signals.async_wait(agent::async::token);
        if (ec) co_return;
        agent::proxy::Proxy::Ending ending;
        ending.reason = agent::model::Reason(agent::model::ReasonCode::stopped);
        ending.cancel_session = true;
        control.stop(std::move(ending));
    }
}

/// Two folders of sockets; the log is open already. Where they cannot be had, run() says why.
void keep_to_files() {
    const auto paths = agent::config::runtime_paths();
    if (paths) agent::confine::keep_to_files({.sockets = {paths->proxies, paths->connect}});
}

/// agentd waits for it; whoever else started us may not.
void say_ready(agent::UniqueFd& ready) {
    if (ready) (void)::send(ready.get(), "R", 1, MSG_NOSIGNAL);
    ready.reset();
    agentd::notify_ready(); // the service manager's way
}

/// Where Serve takes its time, because somebody still waits for the session, what it will need is
/// made ready.
awaitable<void> prepare(agentd::Control& control) {
    co_await agent::async::sleep_for(prepare_after);
    if (!control.served()) agent::net::prepare_tls();
}

awaitable<void> run(std::string id, agent::UniqueFd ready) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto paths = agent::config::runtime_paths();
    if (!paths) throw agent::ErrorException(paths.error());
    auto listener = agent::net::listen_unix(executor, paths->proxies + "/" + id + ".sock");
    if (!listener) throw agent::ErrorException(listener.error());

    agentd::Control control(executor, paths->connect);
    ipc::Router router("agentd");
    router.add("org.agentd.Proxy", ipc::proxy_interface, control);
    ipc::ServerLimits limits;
    limits.descriptors = ipc::max_descriptors; // a proxy's listening sockets
    ipc::Server server(executor, router, limits);
    agent::async::TaskGroup signals(executor);
    signals.spawn_lasting([&control] { return stop_on_signal(control); }, "signals");
    server.start(agent::UniqueFd(listener->acceptor().release()));
    agent::confine::keep_to_system_calls(agent::confine::Opens::to_read);
    say_ready(ready); // agentd may call Serve now
    signals.spawn(prepare(control), "prepare");

    // 1. Serve and carry, until the proxy ends.
    co_await control.wait_ended(serve_limit);
    // 2. Whoever follows us reads the last state.
    co_await control.wait_told(told_limit);
    // 3. The control socket ends: its file first, so that nobody takes us for alive.
    listener->close();
    server.stop_accepting();
    co_await server.drain(drain_limit);
    co_await server.stop();
    co_await signals.stop();
}

/// The file that agentd gave us, which other proxies write to as well, does not grow without end;
/// nor does agentd's own.
void bound_log() {
    struct stat file{};
    if (::fstat(STDERR_FILENO, &file) != 0 || !S_ISREG(file.st_mode)) return;
    const auto folder = agent::config::state_directory();
    if (!folder) return;
    for (const char* name : {"/agent-proxy.log", "/agentd.log"})
        agent::log::bound_file(*folder + name);
}

/// The id becomes a file's name.
bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && id.front() != '.' &&
           id.find('/') == std::string_view::npos;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view option = argc > 1 ? argv[1] : "";
    if (argc == 2 && option == "--version") {
        std::puts("agent-proxy " AGENT_VERSION);
        return 0;
    }
    const bool with_ready = argc == 5 && std::string_view(argv[3]) == "--ready-fd";
    if ((argc != 3 && !with_ready) || option != "--id" || !is_id(argv[2])) {
        std::fputs("usage: agent-proxy --id ID [--ready-fd SOCKET]   (started by agentd)\n",
                   stderr);
        return 3;
    }
    agent::UniqueFd ready(with_ready ? std::atoi(argv[4]) : -1);
    if (ready) ::fcntl(ready.get(), F_SETFD, FD_CLOEXEC);
    agent::harden_process();
    agent::net::start_openssl_without_texts();
    agent::log::set_level_from_environment();
    agentd::meet_manager();
    bound_log();
    std::signal(SIGHUP, SIG_IGN); // a terminal that closes ends no connection
    agent::proxy::raise_file_limit();
    keep_to_files(); // before the first thread
    agent::keep_memory_reserve();
    agent::keep_spare_files(spare_files);
    agent::net::start_resolver(resolver_threads); // the last threads of this process

    const auto ended = agent::async::run_main(run(argv[2], std::move(ready)));
    if (ended) return 0;
    agent::log::error("{}", agent::one_line(ended.error()));
    return 2;
}
