// The objects follow the agent: they come, change and go with signals, and nothing is told more
// often than it should be.

#include "fake_agent.hpp"

#include <map>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// Signals as they arrive, told apart by their member.
struct Listener {
    explicit Listener(BusPair& pair) : pair(pair) {
        const auto note = [](sd_bus_message* message, void* self, sd_bus_error*) {
            std::uint8_t type = 0;
            ::sd_bus_message_get_type(message, &type);
            if (type != SD_BUS_MESSAGE_SIGNAL) return 0;
            static_cast<Listener*>(self)->take(message);
            return 0;
        };
        REQUIRE(::sd_bus_add_filter(pair.client.get(), nullptr, note, this) >= 0);
        REQUIRE(call(pair.client.get(), "ListProxies").error.empty());
    }
    void take(sd_bus_message* message) {
        const std::string member = ::sd_bus_message_get_member(message);
        ++count[member];
        order.push_back(member);
        last_path[member] = ::sd_bus_message_get_path(message);
        if (member != "PropertiesChanged") return;
        REQUIRE(::sd_bus_message_skip(message, "s") >= 0);
        REQUIRE(::sd_bus_message_enter_container(message, 'a', "{sv}") >= 0);
        while (::sd_bus_message_enter_container(message, 'e', "sv") > 0) {
            const char* name = nullptr;
            ::sd_bus_message_read(message, "s", &name);
            ++changed[name];
            ::sd_bus_message_skip(message, "v");
            ::sd_bus_message_exit_container(message);
        }
    }
    template <class Enough> bool read_until(Enough enough, std::chrono::milliseconds limit = 20s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!enough()) {
            if (std::chrono::steady_clock::now() > end) return false;
            if (::sd_bus_process(pair.client.get(), nullptr) == 0)
                ::sd_bus_wait(pair.client.get(), 20'000);
        }
        return true;
    }
    BusPair& pair;
    std::map<std::string, int> count;
    std::vector<std::string> order;
    std::map<std::string, std::string> last_path;
    std::map<std::string, int> changed;
};

ipc::Proxy proxy_named(const std::string& name) {
    ipc::Proxy proxy;
    proxy.name = name;
    proxy.state = "ready";
    proxy.session_id = "s_" + name;
    return proxy;
}

ipc::Event event_of(const std::string& kind, const ipc::Proxy& proxy) {
    ipc::Event event;
    event.kind = kind;
    event.message = "because";
    event.proxy = proxy;
    return event;
}

} // namespace

TEST_CASE("mirror: a proxy's object comes, changes and goes with its signals") {
    BusPair pair;
    Listener listener(pair);
    auto proxy = proxy_named("web-1");
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies.push_back(proxy);
        agent.happen(event_of("proxy-started", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesAdded"] == 1; }));
    CHECK(listener.last_path["InterfacesAdded"] == "/org/agentd/Agent1");

    proxy.state = "busy";
    proxy.connections_open = 1;
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies[0] = proxy;
        agent.happen(event_of("connection-opened", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.changed["ConnectionsOpen"] == 1; }));
    CHECK(listener.last_path["PropertiesChanged"] == "/org/agentd/Agent1/proxy/web_2d1");
    CHECK(listener.changed["State"] == 1);
    CHECK(listener.changed["Port"] == 0); // only what differs

    proxy.state = "ended";
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies.clear();
        agent.happen(event_of("proxy-ended", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesRemoved"] == 1; }));
    CHECK(listener.changed["State"] == 2); // its last state was told before it went
    CHECK(listener.count["SessionEnded"] == 1);
}

TEST_CASE("mirror: the late end of a process that was replaced ends nobody") {
    BusPair pair;
    Listener listener(pair);
    auto proxy = proxy_named("db");
    proxy.pid = 2;
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies.push_back(proxy);
        agent.happen(event_of("proxy-started", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesAdded"] == 1; }));
    auto before = proxy;
    before.pid = 1;
    before.state = "ended";
    pair.on_agent([&](FakeAgent& agent) { agent.happen(event_of("proxy-ended", before)); });
    proxy.connections_total = 7; // told behind it
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies[0] = proxy;
        agent.happen(event_of("connection-closed", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.changed["ConnectionsTotal"] == 1; }));
    CHECK(listener.changed["State"] == 0);
    CHECK(listener.count["InterfacesRemoved"] == 0);
}

TEST_CASE(
    "mirror: a storm of changes is told in a few signals, and the last value is the true one") {
    BusPair pair;
    Listener listener(pair);
    pair.on_agent([](FakeAgent& agent) {
        agent.proxies.push_back(proxy_named("db"));
        agent.happen(event_of("proxy-started", agent.proxies[0]));
    });
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesAdded"] == 1; }));
    pair.on_agent([](FakeAgent& agent) {
        for (int i = 1; i <= 1000; ++i) {
            agent.proxies[0].connections_total = i;
            agent.happen(event_of("connection-closed", agent.proxies[0]));
        }
    });
    REQUIRE(listener.read_until([&] { return listener.changed["ConnectionsTotal"] > 0; }));
    listener.read_until([] { return false; }, 500ms);
    CHECK(listener.changed["ConnectionsTotal"] < 20);
}

TEST_CASE("mirror: byte counts are told at most once a second") {
    BusPair pair;
    pair.on_agent([](FakeAgent& agent) {
        agent.proxies.push_back(proxy_named("db"));
        agent.proxies[0].connections_open = 1;
    });
    Listener listener(pair);
    const auto begin = std::chrono::steady_clock::now();
    std::int64_t bytes = 0;
    while (std::chrono::steady_clock::now() - begin < 2500ms) {
        pair.on_agent([&](FakeAgent& agent) {
            agent.proxies[0].bytes_up = ++bytes;
            agent.happen(event_of("proxy-changed", agent.proxies[0]));
        });
        listener.read_until([] { return false; }, 20ms);
    }
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin)
            .count();
    CHECK(listener.changed["BytesUp"] <= static_cast<int>(seconds) + 1);
}

TEST_CASE("mirror: a cluster's object comes with its name, and tells who signs in") {
    BusPair pair;
    Listener listener(pair);
    const auto tell = [&](const std::string& user, const std::string& expiration) {
        pair.on_agent([&](FakeAgent& agent) {
            ipc::KnownCluster cluster;
            cluster.name = "work";
            cluster.signed_in_as = user;
            cluster.expiration = expiration;
            cluster.state = user.empty() ? "signed-out" : "signed-in";
            agent.clusters = {cluster};
            ipc::Event event;
            event.kind = "clusters-changed";
            agent.happen(std::move(event));
        });
    };
    tell("", "");
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesAdded"] == 1; }));
    tell("u_1", "2999-01-01T00:00:00Z");
    REQUIRE(listener.read_until([&] { return listener.changed["SignedInAs"] == 1; }));
    CHECK(listener.last_path["PropertiesChanged"] == "/org/agentd/Agent1/cluster/work");
    CHECK(listener.changed["State"] == 1);
    tell("u_1", "2001-01-01T00:00:00Z");
    REQUIRE(listener.read_until([&] { return listener.changed["State"] == 2; })); // expired
}

TEST_CASE("mirror: what the agent says of logins, sessions and ports becomes signals") {
    BusPair pair;
    Listener listener(pair);
    pair.on_agent([](FakeAgent& agent) {
        for (const char* kind : {"login-needed", "expiry-near", "port-blocked", "session-ended"})
            agent.happen(event_of(kind, proxy_named("db")));
    });
    REQUIRE(listener.read_until([&] { return listener.count["SessionEnded"] == 1; }));
    CHECK(listener.count["LoginNeeded"] == 1);
    CHECK(listener.count["ExpiryNear"] == 1);
    CHECK(listener.count["PortBlocked"] == 1);
}

TEST_CASE("mirror: the end of a session is told once, whether its proxy ends with it, later, or "
          "had none") {
    BusPair pair;
    Listener listener(pair);
    const auto proxy = proxy_named("db");
    auto without = proxy;
    without.session_id.clear();
    auto next = proxy;
    next.session_id = "s_2";
    pair.on_agent([&](FakeAgent& agent) {
        agent.happen(event_of("session-ended", proxy));
        agent.happen(event_of("proxy-ended", proxy)); // with the session that is over
        agent.happen(event_of("proxy-ended", without));
        agent.happen(event_of("session-ended", next));
        agent.happen(event_of("port-blocked", proxy)); // the last one
    });
    REQUIRE(listener.read_until([&] { return listener.count["PortBlocked"] == 1; }));
    CHECK(listener.count["SessionEnded"] == 2);
}

TEST_CASE(
    "mirror: the end of a session is told first, then the proxy's last state, then its object "
    "goes") {
    BusPair pair;
    Listener listener(pair);
    auto proxy = proxy_named("db");
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies.push_back(proxy);
        agent.happen(event_of("proxy-started", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesAdded"] == 1; }));
    listener.order.clear();
    proxy.state = "ended";
    pair.on_agent([&](FakeAgent& agent) {
        agent.proxies.clear();
        agent.happen(event_of("proxy-ended", proxy));
    });
    REQUIRE(listener.read_until([&] { return listener.count["InterfacesRemoved"] == 1; }));
    CHECK(listener.order ==
          std::vector<std::string>{"SessionEnded", "PropertiesChanged", "InterfacesRemoved"});
}
