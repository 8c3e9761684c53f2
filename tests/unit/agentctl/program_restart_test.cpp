// agentctl while agentd ends and comes back: which calls it makes again, and which it must not.

#include "program.hpp"

#include "support/catch.hpp"
#include "support/fickle_server.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <csignal>
#include <memory>

using namespace agentctl::test;
using agent::test::Ending;
using agent::test::FickleServer;

namespace {

const std::string no_proxies = R"({"parameters":{"proxies":[]}})";
const std::string ended =
    R"({"parameters":{"proxy":{"name":"pg","state":"ended","reason":"Disconnected",)"
    R"("since":"2026-01-02T03:04:05Z","address":"","port":0,"socket_path":"","pid":7,)"
    R"("cluster":"","session_id":"","target_id":"","host_id":"","endpoint":"","protocol":"tcp",)"
    R"("expiration":"","connection_limit":-1,"connections_open":0,"connections_total":0,)"
    R"("connections_failed":0,"last_failure":"","bytes_up":0,"bytes_down":0,)"
    R"("authorized_here":true},"session_canceled":true}})";
using Script = std::vector<Ending>;

std::string socket_in(const RuntimeDir& dir) {
    ::mkdir((dir.path() + "/agentd").c_str(), 0700);
    return dir.path() + "/agentd/agent.sock";
}

} // namespace

TEST_CASE("restart: a verb that changes nothing is asked again, any verb whose call was not read") {
    const auto [verb, script, wanted, connections] = GENERATE(table<std::string, Script, int, int>({
        {"list", {Ending::unread}, 0, 2},
        {"list", {Ending::read}, 0, 2},
        {"list", {Ending::read, Ending::unread, Ending::unread}, 0, 4},
        {"list", {Ending::read, Ending::read}, 2, 2},
        {"list", {Ending::begun}, 2, 1},
        {"disconnect", {Ending::unread}, 0, 2},
        {"disconnect", {Ending::unread, Ending::unread, Ending::unread}, 0, 4},
        {"disconnect", {Ending::unread, Ending::unread, Ending::unread, Ending::unread}, 2, 4},
        {"disconnect", {Ending::read}, 2, 1},
        {"disconnect", {Ending::unread, Ending::read}, 2, 2},
    }));
    const RuntimeDir dir;
    const bool list = verb == "list";
    const FickleServer server(socket_in(dir), script, list ? no_proxies : ended);
    Program program(dir, list ? std::vector<std::string>{"list"}
                              : std::vector<std::string>{"disconnect", "pg"});
    const int code = program.await_exit();
    INFO(verb << ": " << program.out << program.err);
    CHECK(code == wanted);
    CHECK(server.connections() == connections);
    if (wanted == 2) CHECK(program.err.find("agentd") != std::string::npos);
}

TEST_CASE("restart: who waits in the queue of a socket that ends asks at the next one") {
    const RuntimeDir dir;
    const std::string path = socket_in(dir);
    auto first = agent::test::listen_anew(path);
    Program program(dir, {"disconnect", "pg"});
    pollfd waiting{first.get(), POLLIN, 0};
    REQUIRE(::poll(&waiting, 1, 20'000) == 1);
    const FickleServer second(path, {}, ended);
    first.reset();
    CHECK(program.await_exit() == 0);
    CHECK(second.connections() == 1);
}

TEST_CASE("restart: watch goes on with the next agent") {
    const RuntimeDir dir;
    const auto event = [](const std::string& kind) {
        return R"({"continues":true,"parameters":{"event":{"time":"2026-01-02T03:04:05Z","kind":")" +
               kind + R"(","message":"m"}}})";
    };
    auto first = std::make_unique<FickleServer>(socket_in(dir), Script{}, event("first"));
    Program program(dir, {"watch"});
    program.await_output("first");
    first.reset();
    const FickleServer second(socket_in(dir), {}, event("second"));
    program.await_output("second");
    program.send_signal(SIGINT);
    CHECK(program.await_exit() == 0);
    CHECK(program.err.empty());
}
