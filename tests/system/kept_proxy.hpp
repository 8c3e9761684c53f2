#pragma once
// What the tests of proxies that come back share: a world with an echoing target and a proxy that
// is kept.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <csignal>
#include <functional>

namespace agent::test {

struct KeptProxy {
    LoopbackServer target{serve_echo};
    DevEnvironment world;
    std::uint16_t port = 0;

    /// `prepare`: changes the world before the agent starts.
    explicit KeptProxy(std::vector<std::string> words = {},
                       std::vector<std::string> server_flags = {},
                       const std::function<void(DevEnvironment&)>& prepare = {})
        : world({.server_flags = std::move(server_flags), .target_port = target.port()}) {
        if (prepare) prepare(world);
        world.login();
        keep("pg", std::move(words));
        port = proxy().at("port").get<std::uint16_t>();
    }
    void keep(const std::string& name, std::vector<std::string> words = {}) {
        std::vector<std::string> all{"connect", "-target-id", target_id, "-name", name, "-keep"};
        all.insert(all.end(), words.begin(), words.end());
        const auto ended = world.agentctl(all, std::chrono::seconds(60));
        INFO(ended.out << ended.err);
        REQUIRE(ended.exit == 0);
    }
    /// As `agentctl list` shows it; null when it does not run.
    Json proxy(const std::string& name = "pg") {
        for (const auto& one : world.proxies())
            if (one.at("name") == name) return one;
        return nullptr;
    }
    std::string state() {
        const auto now = proxy();
        return now.is_null() ? std::string() : now.at("state").get<std::string>();
    }
    bool comes_to(const std::string& wanted) {
        return eventually([&] { return state() == wanted; }, std::chrono::seconds(30));
    }
    bool echoes(int fd) { return send_all(fd, "hello\n") && receive_exactly(fd, 6) == "hello\n"; }
    /// A new connection that carries bytes.
    bool works() {
        const auto connection = connect_loopback(port);
        return connection && echoes(connection.get());
    }
    std::string session() { return proxy().at("session_id").get<std::string>(); }
    /// The state of a session at the dev server.
    std::string status_of(const std::string& session) {
        const auto read = world.agentctl_json({"sessions", "read", "-id", session});
        return read.at("item").at("status").get<std::string>();
    }
    /// Sessions that are pending or active at the dev server.
    std::size_t living_sessions() {
        const auto items =
            world.agentctl_json({"sessions", "list", "-scope-id", "global", "-recursive"})
                .at("items");
        std::size_t living = 0;
        for (const auto& session : items) {
            const auto status = session.at("status").get<std::string>();
            living += status == "pending" || status == "active";
        }
        return living;
    }
    void kill_proxy(int signal = SIGKILL) { ::kill(proxy().at("pid").get<pid_t>(), signal); }
};

} // namespace agent::test
