#include "agentctl/agent_connection.hpp"

#include "agentctl/start_agent.hpp"
#include "agentctl/user_units.hpp"

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace agentctl {

using agent::Errc;
using agent::fail;
using agent::Hop;

agent::Result<std::string> agent_socket_path() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime == nullptr || *runtime != '/')
        return fail(Errc::environment, Hop::local,
                    "XDG_RUNTIME_DIR is not set, so the agent's socket has no place",
                    "Log in through a session that sets it, or set it to a directory that is yours "
                    "alone (mode 0700).");
    return std::string(runtime) + "/agentd/agent.sock";
}

namespace {

/// By the user's systemd where our units are installed, else (or when that fails) detached.
agent::Status start_somehow() {
    const char* named = std::getenv("AGENTD"); // this program and no other
    if ((named == nullptr || *named == '\0') && agent_units_installed()) {
        if (command_agent_units({"start"})) return {};
        (void)command_agent_units(
            {"stop"}); // the socket would swallow our calls; the journal keeps the reason
    }
    return start_agent();
}

} // namespace

agent::Result<ipc::BlockingClient> connect_to_agent() {
    const auto path = agent_socket_path();
    if (!path) return path.error();
    auto client = ipc::BlockingClient::connect(*path);
    if (client || client.error().code != Errc::agent_unreachable) return client;
    const char* no_start = std::getenv("AGENTCTL_NO_START");
    if (no_start != nullptr && std::string_view(no_start) == "1") {
        auto error = client.error();
        error.hint = "AGENTCTL_NO_START is set: start agentd yourself.";
        return error;
    }
    const auto started = start_somehow();
    // Somebody else may have started one in the same moment: ours has left then, and theirs is
    // about to listen.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(started ? 2 : 1);
    for (;;) {
        client = ipc::BlockingClient::connect(*path);
        if (client) return client;
        if (std::chrono::steady_clock::now() >= deadline) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    if (!started) return started.error();
    return client;
}

bool Attempts::another(ipc::Lost lost, bool changes_nothing) {
    // A process that is killed closes its clients a moment before its listening socket: the next
    // connection may meet the end of that one, and is not read either.
    constexpr int most_unread = 3;
    if (lost == ipc::Lost::unread) return ++unread_ <= most_unread;
    return lost == ipc::Lost::unanswered && changes_nothing && ++unanswered_ <= 1;
}

} // namespace agentctl
