// Every way in which a session or its login can end at the controller, without a word to this
// machine: each proxy notices within seconds, idle and busy, kept and transient.

#include "kept_proxy.hpp"

#include <cstdio>
#include <map>

using namespace agent::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// Four proxies of one login: kept ones, and ones with a `connect` in the foreground; one of each
/// carries a connection.
struct Four {
    LoopbackServer target{serve_echo};
    DevEnvironment world;
    std::map<std::string, Process> connects;
    std::vector<agent::UniqueFd> connections;
    std::string admin, token_id, user_id;
    Clock::time_point happened;

    explicit Four(std::vector<std::string> server_flags, const std::string& login_name)
        : world({.server_flags = std::move(server_flags), .target_port = target.port()}) {
        admin = world.token("admin");
        world.login(login_name);
        const auto login = world.agentctl_json({"status"}).at("logins").at(0);
        token_id = login.at("token_id").get<std::string>();
        user_id = login.at("user_id").get<std::string>();
        for (const std::string name : {"kept-idle", "kept-busy"}) {
            const auto ended =
                world.agentctl({"connect", "-target-id", target_id, "-name", name, "-keep"}, 60s);
            INFO(ended.out << ended.err);
            REQUIRE(ended.exit == 0);
        }
        for (const std::string name : {"idle", "busy"}) {
            auto connect =
                world.start_agentctl({"connect", "-target-id", target_id, "-name", name});
            REQUIRE(connect.wait_for("Session ID:", 60s));
            connects.emplace(name, std::move(connect));
        }
        for (const std::string name : {"kept-busy", "busy"}) {
            connections.push_back(connect_loopback(proxy(name).at("port").get<std::uint16_t>()));
            REQUIRE(send_all(connections.back().get(), "hello\n"));
            REQUIRE(receive_exactly(connections.back().get(), 6) == "hello\n");
        }
    }
    agent::Json proxy(const std::string& name) {
        for (const auto& one : world.proxies())
            if (one.at("name") == name) return one;
        return nullptr;
    }
    /// By an administrator, and not through this agent.
    void at_the_controller(const std::string& method, const std::string& path,
                           const std::string& body = "{}") {
        const auto done = run_program({find_on_path("curl"), "-sS", "--fail", "-X", method,
                                       world.address() + path, "-H",
                                       "Authorization: Bearer " + admin, "-d", body},
                                      {.environment = world.environment});
        INFO(done.out << done.err);
        REQUIRE(done.exit == 0);
    }
    void cancel_all() {
        for (const auto& one : world.proxies()) {
            const auto id = one.at("session_id").get<std::string>();
            const auto session = world.agentctl_json({"sessions", "read", "-id", id}).at("item");
            at_the_controller("POST", "/v1/sessions/" + id + ":cancel",
                              "{\"version\":" + session.at("version").dump() + "}");
        }
    }
    void tell(const std::string& way, const std::string& name) const {
        const std::chrono::duration<double> after = Clock::now() - happened;
        std::printf("%-18s %-10s noticed after %.1f s\n", way.c_str(), name.c_str(), after.count());
    }
};

struct Way {
    std::string name;
    void (*happens)(Four& it);
    std::vector<std::string> kept_states;
    std::vector<std::string> words; ///< one of them is the reason in the foreground
    bool login_gone = false;
    std::string login_name = "admin";
    std::vector<std::string> server_flags = {};
};

const std::vector<std::string> no_login{"The login is no longer valid"};

const std::vector<Way> ways{
    {"canceled", [](Four& it) { it.cancel_all(); }, {"blocked"}, {"Session canceled"}},
    {"target deleted",
     [](Four& it) { it.at_the_controller("DELETE", "/v1/targets/" + target_id); },
     {"blocked"},
     {"Session canceled"}},
    {"project deleted",
     [](Four& it) { it.at_the_controller("DELETE", "/v1/scopes/" + project_id); },
     {"idle", "blocked"},
     {"Session ended: its project was deleted", "Session canceled"}},
    {"user deleted",
     [](Four& it) { it.at_the_controller("DELETE", "/v1/users/" + it.user_id); },
     {"waiting-login"},
     no_login,
     true,
     "user"},
    {"login revoked",
     [](Four& it) { it.at_the_controller("DELETE", "/v1/auth-tokens/" + it.token_id); },
     {"waiting-login"},
     no_login,
     true},
    {"own token deleted",
     [](Four& it) {
         REQUIRE(it.world.agentctl({"auth-tokens", "delete", "-id", "self"}).exit == 0);
     },
     {"waiting-login"},
     no_login,
     true},
    {"expired",
     [](Four&) {},
     {"idle"},
     {"Session has expired"},
     false,
     "admin",
     {"-target-session-max-seconds", "20"}},
};

} // namespace

TEST_CASE("session ends: however it ends at the controller, its proxy notices, and a connect in "
          "the foreground ends and says why") {
    const std::size_t number = GENERATE(0, 1, 2, 3, 4, 5, 6);
    const Way& way = ways.at(number);
    INFO(way.name);
    Four it(way.server_flags, way.login_name);
    way.happens(it);
    it.happened = Clock::now();

    std::vector<std::string> open{"kept-idle", "kept-busy", "idle", "busy"};
    const auto noticed = [&](const std::string& name) {
        const auto proxy = it.proxy(name);
        if (!name.starts_with("kept")) return proxy.is_null();
        const auto state = proxy.at("state").get<std::string>();
        return proxy.at("session_id") == "" &&
               std::ranges::find(way.kept_states, state) != way.kept_states.end();
    };
    CHECK(eventually(
        [&] {
            std::erase_if(open, [&](const std::string& name) {
                const bool over = noticed(name);
                if (over) it.tell(way.name, name);
                return over;
            });
            return open.empty();
        },
        40s));
    for (const auto& name : open) {
        const auto proxy = it.proxy(name);
        CHECK("not noticed: " + name + " " + (proxy.is_null() ? "gone" : proxy.dump()) == "");
    }

    for (auto& [name, connect] : it.connects) {
        const auto ended = connect.wait(30s);
        INFO(name << ": " << ended.out << ended.err);
        CHECK(ended.exit == 0);
        CHECK(ended.out.find("Termination information") != std::string::npos);
        CHECK(std::ranges::any_of(way.words, [&](const std::string& words) {
            return ended.out.find(words) != std::string::npos;
        }));
    }
    const auto logins = it.world.agentctl_json({"status"}).at("logins");
    CHECK((logins.is_null() || logins.empty()) == way.login_gone);
}
