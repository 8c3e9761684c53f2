// Stands in for agentd where agentctl has to start it: says READY=1, answers Status with its
// environment, and leaves when told to by Disconnect. Its first argument is not used: agentctl
// gives none.

#include "scripted_agent.hpp"

#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <semaphore>

int main() {
    using agentctl::test::ScriptedAgent;
    std::binary_semaphore end(0);
    ScriptedAgent agent(std::getenv("XDG_RUNTIME_DIR"));
    agent.on("Status", [&](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        std::string environment;
        for (char** entry = ::environ; *entry != nullptr; ++entry)
            environment += std::string(*entry) + "|";
        caller.reply({{"version", "0"},
                      {"pid", ::getpid()},
                      {"started", "2026-01-02T03:04:05Z"},
                      {"socket", environment},
                      {"keyring", std::to_string(::getsid(0) == ::getpid())},
                      {"logins", agent::Json::array()},
                      {"proxies", 0},
                      {"connections_open", 0}});
    });
    agent.on("Disconnect", [&](const ipc::Call&, const ScriptedAgent::Caller& caller) {
        caller.reply({{"proxy", agentctl::test::a_proxy()}, {"session_canceled", false}});
        end.release();
    });

    const std::string name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    const int notify = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const std::string ready = "STATUS=standing in\nREADY=1";
    if (::sendto(notify, ready.data(), ready.size(), 0, reinterpret_cast<sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) < 0)
        return 1;
    return end.try_acquire_for(std::chrono::seconds(30)) ? 0 : 1;
}
