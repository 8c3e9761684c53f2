// Sessions and logins that end at the controller while nobody here does anything: the proxies
// notice, and tell it in one order.

#include "unit/agent/agent_stage.hpp"

#include "support/catch.hpp"

#include <atomic>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;
using Said = DirectedController::Said;

namespace {

/// Two hundred times as fast as outside.
session_watch::Times fast() {
    session_watch::Times times;
    times.interval = 20ms;
    times.longest = 200ms;
    times.reads_apart = 5ms;
    return times;
}

void watching(Story story) {
    tell(std::move(story), [](AgentStage& stage) { stage.agent.pace_watch(fast()); });
}

/// A pause in which something would have happened.
awaitable<void> rounds() {
    const auto never = [] { return false; };
    (void)co_await until(never, 300ms);
}

/// Everything that the agent tells from here on.
class Told {
  public:
    explicit Told(AgentStage& stage) : watcher_(stage.agent.events()) {}
    awaitable<std::vector<AgentEvent>> all(AgentStage& stage) {
        stage.agent.events().publish(EventKind::other, "end of the story");
        std::vector<AgentEvent> events;
        for (;;) {
            auto event = co_await watcher_.next();
            if (event.kind == EventKind::other) co_return events;
            events.push_back(std::move(event));
        }
    }

  private:
    EventHub::Watcher watcher_;
};

std::size_t place_of(const std::vector<AgentEvent>& events, EventKind kind,
                     std::optional<ProxyState> state = {}) {
    for (std::size_t i = 0; i < events.size(); ++i)
        if (events[i].kind == kind &&
            (!state || (events[i].proxy && events[i].proxy->state == *state)))
            return i;
    return events.size();
}

Json error(const std::string& kind) {
    return Json{{"kind", kind}, {"message", kind}};
}

bool in(const std::string& line, const std::string& part) {
    return line.find(part) != std::string::npos;
}

struct Way {
    std::string name;
    void (*happens)(AgentStage& stage, const std::string& session);
    ProxyState kept_state; ///< what becomes of a kept proxy
    bool login_gone = false;
};

const std::vector<Way> ways{
    {"canceled", [](AgentStage& stage, const std::string& id) { stage.controller.cancel(id); },
     ProxyState::blocked},
    {"deleted", [](AgentStage& stage, const std::string& id) { stage.controller.erase(id); },
     ProxyState::idle},
    {"its project deleted, which answers 404",
     [](AgentStage& stage, const std::string&) {
         stage.controller.say([](const std::string& line) -> std::optional<Said> {
             const bool there = in(line, "scope_id=p_1") || in(line, "/v1/scopes/p_1");
             if (there) return Said{404, error("NotFound")};
             if (in(line, "/v1/sessions/s_")) return Said{403, error("PermissionDenied")};
             return std::nullopt;
         });
     },
     ProxyState::idle},
    {"login revoked, which answers 401",
     [](AgentStage& stage, const std::string&) {
         stage.controller.say([](const std::string&) -> std::optional<Said> {
             return Said{401, error("Unauthenticated")};
         });
     },
     ProxyState::waiting_login, true},
    {"user deleted, where lists answer 403",
     [](AgentStage& stage, const std::string&) {
         stage.controller.say([](const std::string& line) -> std::optional<Said> {
             if (in(line, "/v1/auth-tokens/")) return Said{404, error("NotFound")};
             return Said{403, error("PermissionDenied")};
         });
     },
     ProxyState::waiting_login, true},
};

} // namespace

TEST_CASE("agent: however a session or its login ends, its proxy notices, idle or busy, and tells "
          "the session's end, the new state and its own end in this order") {
    const std::size_t number = GENERATE(0, 1, 2, 3, 4);
    const bool kept = GENERATE(true, false);
    const bool busy = GENERATE(true, false);
    const Way& way = ways.at(number);
    INFO(way.name << (kept ? ", kept" : ", transient") << (busy ? ", busy" : ", idle"));
    auto story = [&](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        auto options = words_for("ttcp_one", "pg");
        options.persistent = kept;
        const auto connected = co_await stage.connect(std::move(options));
        REQUIRE(connected.has_value());
        const auto process = stage.newest();
        if (busy) {
            process->status.state = ProxyState::busy;
            process->status.connections_open = 1;
            process->tell(EventKind::connection_opened);
        }
        const auto listed = [&] { return stage.controller.count("list_token") > 0; };
        const bool watched = co_await until(listed); // it is in good order
        REQUIRE(watched);
        const auto before = stage.agent.proxies().find("pg");
        REQUIRE(before);
        CHECK(before->status.state == (busy ? ProxyState::busy : ProxyState::ready));

        Told told(stage);
        way.happens(stage, stage.controller.sessions().front());
        const auto over = [&] {
            const auto proxy = stage.agent.proxies().find("pg");
            return kept ? proxy && proxy->status.state == way.kept_state : proxy == nullptr;
        };
        const bool noticed = co_await until(over, 10s);
        CHECK(noticed);
        co_await rounds();
        const auto events = co_await told.all(stage);
        if (!kept) {
            CHECK(process->stops == std::vector<bool>{false}); // there is nothing left to cancel
            const auto end = place_of(events, EventKind::session_ended);
            CHECK(end < place_of(events, EventKind::proxy_ended));
            CHECK(events.at(place_of(events, EventKind::proxy_ended)).proxy->state ==
                  ProxyState::ended);
            CHECK(std::ranges::count(events, EventKind::session_ended, &AgentEvent::kind) == 1);
        } else {
            CHECK(process->status.session_id.empty());
            CHECK(stage.agent.proxies().find("pg")->held_session.empty());
        }
        CHECK(stage.controller.sessions().size() == 1); // nobody asked for another one
        const auto status = co_await verbs::status(stage.agent.logins(), stage.agent.clusters(),
                                                   stage.agent.store(), stage.agent.proxies());
        CHECK(status.logins.size() == (way.login_gone ? 0 : 1));
        CHECK((place_of(events, EventKind::logout) < events.size()) == way.login_gone);
        const auto rows = stage.store.sessions().value();
        CHECK(rows.empty());
    };
    watching(story);
}

TEST_CASE("agent: with nothing held the controller hears nothing") {
    auto story = [](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        co_await rounds();
        CHECK(stage.controller.count("/v1/") == 0);
        const auto kept = co_await stage.keep("pg", "ttcp_one");
        const auto listed = [&] { return stage.controller.count("list_token") > 2; };
        const bool watched = co_await until(listed);
        REQUIRE(watched);
        const auto ended = co_await stage.agent.disconnect("pg", false);
        REQUIRE(ended.has_value());
        const int asked = stage.controller.count("/v1/");
        co_await rounds();
        CHECK(stage.controller.count("/v1/") <= asked + 1); // one may have been on its way
    };
    watching(story);
}

TEST_CASE("agent: the controller's Retry-After is obeyed, and its failures are met less and less "
          "often") {
    const bool told = GENERATE(true, false);
    auto story = [told](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        (void)co_await stage.keep("pg", "ttcp_one");
        const auto listed = [&] { return stage.controller.count("list_token") > 2; };
        const bool watched = co_await until(listed);
        REQUIRE(watched);
        stage.controller.say([told](const std::string&) {
            return std::optional(
                Said{429, Json::object(), told ? "Retry-After: 600\r\n" : std::string()});
        });
        const int before = stage.controller.count("/v1/sessions");
        co_await rounds();
        const int more = stage.controller.count("/v1/sessions") - before;
        CHECK(more >= 1);
        CHECK(more <= (told ? 2 : 6)); // at 20 ms it would be 15
        CHECK(stage.agent.proxies().find("pg")->status.state == ProxyState::ready);
    };
    watching(story);
}

TEST_CASE("agent: neither a user who may not list nor one who may read no session at all loses a "
          "session by it") {
    const bool may_read = GENERATE(true, false);
    auto story = [may_read](AgentStage& stage) -> awaitable<void> {
        stage.controller.say([may_read](const std::string& line) -> std::optional<Said> {
            const bool list = in(line, "/v1/sessions?");
            const bool read = in(line, "GET /v1/sessions/");
            if (list || (read && !may_read)) return Said{403, error("PermissionDenied")};
            return std::nullopt;
        });
        co_await stage.log_in();
        (void)co_await stage.keep("pg", "ttcp_one");
        const auto read_often = [&] { return stage.controller.count("GET /v1/sessions/s_") > 5; };
        const bool watched = co_await until(read_often);
        CHECK(watched);
        CHECK(stage.agent.proxies().find("pg")->status.state == ProxyState::ready);
        if (!may_read) co_return;
        stage.controller.cancel(stage.controller.sessions().front());
        const auto blocked = [&] {
            return stage.agent.proxies().find("pg")->status.state == ProxyState::blocked;
        };
        const bool noticed = co_await until(blocked);
        CHECK(noticed);
    };
    watching(story);
}

TEST_CASE("agent: deleting one's own auth token is a logout, with nothing held as well") {
    const bool held = GENERATE(true, false);
    auto story = [held](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        if (held) (void)co_await stage.keep("pg", "ttcp_one");
        const auto deleted =
            co_await stage.agent.delete_resource(stage.choice(), "auth-tokens", "self");
        REQUIRE(deleted.has_value());
        const auto status = co_await verbs::status(stage.agent.logins(), stage.agent.clusters(),
                                                   stage.agent.store(), stage.agent.proxies());
        CHECK(status.logins.empty());
        if (!held) co_return;
        const auto waits = [&] {
            return stage.agent.proxies().find("pg")->status.state == ProxyState::waiting_login;
        };
        const bool noticed = co_await until(waits);
        CHECK(noticed);
    };
    tell(story);
}

TEST_CASE("agent: a 401 to anything that is asked with the stored login has it looked at") {
    const bool dead = GENERATE(true, false);
    auto story = [dead](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        stage.controller.say([dead](const std::string& line) -> std::optional<Said> {
            if (in(line, "/v1/auth-tokens/") && !dead) return std::nullopt;
            return Said{401, error("Unauthenticated")};
        });
        const auto read = co_await stage.agent.read(stage.choice(), "targets", "ttcp_one");
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().code == Errc::login_needed);
        CHECK(read.error().status == 401);
        CHECK(read.error().hint.find("agentctl login") != std::string::npos);
        const auto looked = [&] { return stage.controller.count("/v1/auth-tokens/at_1") > 0; };
        const bool asked = co_await until(looked);
        CHECK(asked);
        co_await rounds();
        const auto status = co_await verbs::status(stage.agent.logins(), stage.agent.clusters(),
                                                   stage.agent.store(), stage.agent.proxies());
        CHECK(status.logins.size() == (dead ? 0 : 1));
    };
    watching(story);
}

TEST_CASE("measure: the requests of one login in a minute", "[.measure]") {
    const int proxies = GENERATE(0, 1, 100);
    auto story = [proxies](AgentStage& stage) -> awaitable<void> {
        co_await stage.log_in();
        for (int i = 0; i < proxies; ++i) {
            const auto connected = co_await stage.connect(words_for("ttcp_" + std::to_string(i)));
            REQUIRE(connected.has_value());
        }
        const auto never = [] { return false; };
        (void)co_await until(never, 10s); // the first looks are over
        const int before = stage.controller.count("/v1/");
        (void)co_await until(never, 60s);
        const int after = stage.controller.count("/v1/");
        WARN(proxies << " proxies: " << after - before << " requests a minute");
    };
    tell(story);
}
