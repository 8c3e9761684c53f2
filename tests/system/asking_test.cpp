// How a kept proxy asks for its session when the controller limits requests, or its answer is lost
// on the way.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/http_front.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using Fate = HttpFront::Fate;

bool asks_for_session(const std::string& line) {
    return line.find(":authorize-session") != std::string::npos;
}

/// A kept proxy whose first session is over, and a controller with a front.
struct AskingProxy {
    LoopbackServer target{serve_echo};
    DevEnvironment world{
        {.server_flags = {"-target-session-max-seconds", "3"}, .target_port = target.port()}};
    HttpFront front;
    std::uint16_t port = 0;
    std::string first; ///< its session, which has expired

    explicit AskingProxy(HttpFront::Judge judge) : front(world.api_port(), std::move(judge)) {
        world.environment["BOUNDARY_ADDR"] = front.address();
        world.environment["BOUNDARY_CLIENT_TIMEOUT"] = "2s";
        world.login();
        const auto kept =
            world.agentctl({"connect", "-target-id", target_id, "-name", "pg", "-keep"});
        INFO(kept.out << kept.err);
        REQUIRE(kept.exit == 0);
        port = proxy().at("port").get<std::uint16_t>();
        first = proxy().at("session_id").get<std::string>();
        REQUIRE(eventually([&] { return proxy().at("state") == "idle"; }, 30s));
    }
    agent::Json proxy() { return world.proxies().at(0); }
    /// Of the sessions at the controller that were asked for since it waits for one.
    std::vector<std::string> statuses() {
        std::vector<std::string> found;
        const auto items = world
                               .agentctl_json({"sessions", "list", "-scope-id", "global",
                                               "-recursive", "-include-terminated"})
                               .at("items");
        for (const auto& session : items)
            if (session.at("id") != first) found.push_back(session.at("status").get<std::string>());
        return found;
    }
};

} // namespace

TEST_CASE("asking: what Retry-After says is obeyed, and told") {
    constexpr auto asked_for = 5s;
    std::atomic<bool> limited = false;
    std::mutex mutex;
    std::vector<Clock::time_point> asked;
    AskingProxy it([&](const std::string& line) {
        HttpFront::Verdict verdict;
        if (!asks_for_session(line) || !limited) return verdict;
        const std::lock_guard lock(mutex);
        asked.push_back(Clock::now());
        if (asked.size() > 1) return verdict;
        verdict.fate = Fate::answered;
        verdict.answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n";
        return verdict;
    });
    limited = true;
    const auto held = connect_loopback(it.port);
    REQUIRE(send_all(held.get(), "hello\n"));
    REQUIRE(eventually([&] { return it.proxy().at("state") == "waiting-network"; }, 20s));
    const auto why = it.world.agentctl({"why", "pg"});
    CHECK(why.out.find("429") != std::string::npos);
    CHECK(why.out.find("Hop:        controller") != std::string::npos);
    CHECK(receive_patiently(held.get(), 6, 60s) == "hello\n");
    const std::lock_guard lock(mutex);
    REQUIRE(asked.size() == 2);
    CHECK(asked[1] - asked[0] >= asked_for);
}

TEST_CASE("asking: an answer that is lost leaves no second session") {
    std::atomic<int> swallow = 0;
    std::atomic<int> asked = 0;
    AskingProxy it([&](const std::string& line) {
        HttpFront::Verdict verdict;
        if (!asks_for_session(line)) return verdict;
        ++asked;
        if (swallow-- > 0) verdict.fate = Fate::swallow;
        return verdict;
    });
    swallow = 2;
    asked = 0;
    const auto held = connect_loopback(it.port);
    REQUIRE(send_all(held.get(), "hello\n"));
    CHECK(receive_patiently(held.get(), 6, 60s) == "hello\n");
    CHECK(asked == 3);
    // Both that nobody heard of were canceled before the next was asked for.
    const auto all = it.statuses();
    CHECK(all.size() == 3);
    CHECK(std::ranges::count(all, "pending") == 0);
    CHECK(std::ranges::count(all, "active") <= 1);
}
