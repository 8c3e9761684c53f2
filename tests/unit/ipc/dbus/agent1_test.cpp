// Agent1 called over a socket pair: arguments become the requests that the Varlink socket makes,
// errors have names, and no secret is in an answer.

#include "fake_agent.hpp"

#include "ipc/dbus/limits.hpp"

#include <fcntl.h>
#include <unistd.h>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

std::string read_all(int fd) {
    std::string text(4096, '\0');
    const auto n = ::read(fd, text.data(), text.size());
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return text;
}

/// A pipe that holds `text` and is closed behind it.
agent::UniqueFd closed_pipe_with(const std::string& text) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    return agent::UniqueFd(ends[0]);
}

} // namespace

TEST_CASE("d-bus: options fill the same request as a Varlink call, whatever their integer type") {
    BusPair pair;
    const auto answer =
        call(pair.client.get(), "Connect", "sa{sv}", "ttcp_1", 5, "name", "s", "db", "listen_port",
             "q", 5432, "inactive_timeout_ms", "t", std::uint64_t{7}, "cluster", "a{sv}", 2,
             "address", "s", "http://h", "tls_insecure", "b", 1, "unknown", "as", 1, "ignored");
    REQUIRE(answer.error.empty());
    const char* path = nullptr;
    REQUIRE(::sd_bus_message_read(answer.reply.get(), "o", &path) >= 0);
    CHECK(path == std::string("/org/agentd/Agent1/proxy/db"));
    pair.on_agent([](FakeAgent& agent) {
        CHECK(agent.connect_request.target == "ttcp_1");
        CHECK(agent.connect_request.name == "db");
        CHECK(agent.connect_request.listen_port == 5432);
        CHECK(agent.connect_request.inactive_timeout_ms == 7);
        REQUIRE(agent.connect_request.cluster);
        CHECK(agent.connect_request.cluster->address == "http://h");
        CHECK(agent.connect_request.cluster->tls_insecure == true);
    });
}

TEST_CASE("d-bus: a cluster may be named by one word, its name or an address") {
    BusPair pair;
    const auto asked = [&](const char* word) {
        REQUIRE(call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "cluster", "s", word)
                    .error.empty());
        ipc::Cluster cluster;
        pair.on_agent([&](FakeAgent& agent) {
            cluster = agent.connect_request.cluster.value_or(ipc::Cluster());
        });
        return cluster;
    };
    CHECK(asked("work").name == "work");
    CHECK_FALSE(asked("work").address);
    CHECK(asked("https://there:9200").address == "https://there:9200");
    CHECK_FALSE(asked("https://there:9200").name);
}

TEST_CASE("d-bus: an option of the wrong type is an InvalidArgument that names it") {
    BusPair pair;
    const auto wrong =
        call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "listen_port", "s", "http");
    CHECK(wrong.error == "org.agentd.Error.InvalidArgument");
    CHECK(wrong.text.find("listen_port must be a whole number") == 0);
    const auto inside = call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "cluster", "a{sv}", 1,
                             "address", "b", 1);
    CHECK(inside.text.find("cluster.address must be a string") == 0);
    const auto strange = call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "name", "d", 1.5);
    CHECK(strange.error == "org.agentd.Error.InvalidArgument");
    CHECK(strange.text.find("name has the type d") == 0);
    const auto signature = call(pair.client.get(), "Connect", "i", 5);
    CHECK(signature.error == SD_BUS_ERROR_INVALID_ARGS);
}

TEST_CASE(
    "d-bus: arguments that are too long or too deep are refused, and the next call is served") {
    BusPair pair;
    const std::string huge(64U << 20U, 'x');
    const auto option = call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "name", "s",
                             huge.c_str() + huge.size() / 2);
    CHECK(option.error == "org.agentd.Error.LimitExceeded");
    const auto plain = call(pair.client.get(), "Disconnect", "s", huge.c_str());
    CHECK(plain.error == "org.agentd.Error.LimitExceeded");
    const auto deep = call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "a", "a{sv}", 1, "b",
                           "a{sv}", 1, "c", "a{sv}", 1, "d", "a{sv}", 1, "e", "s", "");
    CHECK(deep.error == "org.agentd.Error.InvalidArgument");
    CHECK(call(pair.client.get(), "ListProxies").error.empty());
}

TEST_CASE("d-bus: an error says what the handler said, with the next step; what it throws becomes "
          "Internal") {
    BusPair pair;
    const auto missing = call(pair.client.get(), "Disconnect", "s", "nosuch");
    CHECK(missing.error == "org.agentd.Error.ProxyNotFound");
    CHECK(missing.text == "there is no proxy nosuch; look again");
    CHECK(call(pair.client.get(), "Disconnect", "s", "throw").error == "org.agentd.Error.Internal");
    const auto refused = call(pair.client.get(), "Disconnect", "s", "refused");
    CHECK(refused.error == "org.agentd.Error.ControllerError");
    CHECK(refused.text == "Error in provided request.; a: Too short.; b: Bad.; look again");
    CHECK(call(pair.client.get(), "NoSuchMethod").error == SD_BUS_ERROR_UNKNOWN_METHOD);
}

TEST_CASE("d-bus: an error is one text, because GLib's bindings show no other") {
    BusPair pair;
    std::string said;
    const auto take = [](sd_bus_message* answer, void* out, sd_bus_error*) {
        *static_cast<std::string*>(out) = ::sd_bus_message_get_signature(answer, 1);
        return 1;
    };
    const auto message = new_call(pair.client.get(), "Disconnect");
    REQUIRE(::sd_bus_message_append(message.get(), "s", "refused") >= 0);
    REQUIRE(::sd_bus_call_async(pair.client.get(), nullptr, message.get(), take, &said, 0) >= 0);
    while (said.empty())
        if (::sd_bus_process(pair.client.get(), nullptr) == 0)
            REQUIRE(::sd_bus_wait(pair.client.get(), 20'000'000) > 0);
    CHECK(said == "s");
}

TEST_CASE("d-bus: secrets of an authorized session leave in a sealed file, never in the message") {
    BusPair pair;
    const auto answer = call(pair.client.get(), "Authorize", "sa{sv}", "ttcp_1", 0);
    REQUIRE(answer.error.empty());
    const char* id = nullptr;
    const char* session = nullptr;
    int file = -1;
    REQUIRE(::sd_bus_message_read(answer.reply.get(), "ssh", &id, &session, &file) >= 0);
    CHECK(id == std::string("s_1"));
    CHECK(std::string(session).find("secret") == std::string::npos);
    CHECK(read_all(file) ==
          R"({"authorization_token":"token-secret","credentials":[{"secret":"brokered-secret"}]})");
    CHECK((::fcntl(file, F_GET_SEALS) & F_SEAL_WRITE) != 0);

    const auto connected = call(pair.client.get(), "Connect", "sa{sv}", "ttcp_1", 0);
    REQUIRE(connected.error.empty());
    CHECK(::sd_bus_message_get_signature(connected.reply.get(), 1) == std::string("oa{sv}"));
}

TEST_CASE("d-bus: a password comes as text or through a file descriptor, and a Login object tells "
          "how it went") {
    BusPair pair;
    const bool by_file = GENERATE(true, false);
    const std::string password = GENERATE("right", "wrong");
    const auto pipe = closed_pipe_with(password + "\n");
    const auto answer = by_file ? call(pair.client.get(), "Login", "sa{sv}", "admin", 1, "password",
                                       "h", pipe.get())
                                : call(pair.client.get(), "Login", "sa{sv}", "admin", 1, "password",
                                       "s", password.c_str());
    REQUIRE(answer.error.empty());
    const char* path = nullptr;
    REQUIRE(::sd_bus_message_read(answer.reply.get(), "o", &path) >= 0);

    std::string state;
    std::string message;
    const auto read_property = [&](const char* name) {
        auto get = new_call(pair.client.get(), "Get", path, "org.freedesktop.DBus.Properties");
        REQUIRE(::sd_bus_message_append(get.get(), "ss", "org.agentd.Agent1.Login", name) >= 0);
        const auto got = send_call(pair.client.get(), get.get());
        REQUIRE(got.error.empty());
        const char* text = nullptr;
        REQUIRE(::sd_bus_message_read(got.reply.get(), "v", "s", &text) >= 0);
        return std::string(text);
    };
    for (int i = 0; i < 1000 && (state.empty() || state == "running"); ++i)
        state = read_property("State");
    CHECK(state == (password == "right" ? "done" : "failed"));
    CHECK(read_property("UserId") == (password == "right" ? "u_1" : ""));
    CHECK(read_property("Error") ==
          (password == "right" ? "" : "org.agentd.Error.ControllerError"));
    pair.on_agent([&](FakeAgent& agent) { CHECK(agent.password == password); });
}

TEST_CASE(
    "d-bus: a verb that is on the bus as it is takes arguments and options, and gives results") {
    BusPair pair;
    const auto asked = [&] {
        std::string text;
        pair.on_agent([&](FakeAgent& agent) { text = agent.asked; });
        return text;
    };
    const auto found = [&](const Answer& answer) {
        REQUIRE(answer.error.empty());
        CHECK(::sd_bus_message_get_signature(answer.reply.get(), 1) == std::string("b"));
        int found = -1;
        REQUIRE(::sd_bus_message_read(answer.reply.get(), "b", &found) >= 0);
        return found;
    };
    CHECK(found(call(pair.client.get(), "Logout", "a{sv}", 1, "cluster", "s", "prod")) == 1);
    CHECK(asked() == "Logout prod");
    CHECK(found(call(pair.client.get(), "Logout", "a{sv}", 0)) == 0);
    CHECK(asked() == "Logout -");

    const auto again = call(pair.client.get(), "Reconnect", "s", "db");
    REQUIRE(again.error.empty());
    CHECK(::sd_bus_message_is_empty(again.reply.get()) == 1);
    CHECK(asked() == "Reconnect db");
    // nobody forgot to read an argument: one more is refused by the bus itself
    CHECK(call(pair.client.get(), "Reconnect", "sa{sv}", "db", 0).error ==
          "org.freedesktop.DBus.Error.InvalidArgs");
    CHECK(call(pair.client.get(), "UseCluster", "s", "prod").text.starts_with("not expected here"));
}

TEST_CASE("d-bus: calls beyond the limit are refused at once, those within it are all answered") {
    BusPair pair;
    pair.agent_commands.hold_connects = true;
    struct Count {
        std::size_t done = 0;
        std::size_t refused = 0;
    } count;
    const auto on_reply = [](sd_bus_message* reply, void* counted, sd_bus_error*) {
        auto& to = *static_cast<Count*>(counted);
        const bool refused =
            ::sd_bus_message_is_method_error(reply, "org.agentd.Error.LimitExceeded") > 0;
        ++(refused ? to.refused : to.done);
        return 0;
    };
    const std::size_t extra = 20;
    for (std::size_t i = 0; i < ipc::dbus::max_calls + extra; ++i) {
        auto message = new_call(pair.client.get(), "Connect");
        REQUIRE(::sd_bus_message_append(message.get(), "sa{sv}", "t", 1, "name", "s",
                                        std::to_string(i).c_str()) >= 0);
        REQUIRE(::sd_bus_call_async(pair.client.get(), nullptr, message.get(), on_reply, &count,
                                    60'000'000) >= 0);
    }
    const auto read_until = [&](auto enough) {
        const auto end = std::chrono::steady_clock::now() + 40s;
        while (!enough() && std::chrono::steady_clock::now() < end)
            if (::sd_bus_process(pair.client.get(), nullptr) == 0)
                ::sd_bus_wait(pair.client.get(), 100'000);
    };
    read_until([&] { return count.refused == extra; });
    CHECK(count.refused == extra);
    CHECK(count.done == 0);
    CHECK(call(pair.client.get(), "Disconnect", "s", "x").error ==
          "org.agentd.Error.LimitExceeded");
    pair.agent_commands.hold_connects = false;
    read_until([&] { return count.done == ipc::dbus::max_calls; });
    CHECK(count.done == ipc::dbus::max_calls);
}

TEST_CASE("d-bus: a late answer that does not fit into the socket arrives whole") {
    BusPair pair;
    pair.on_agent([](FakeAgent& agent) {
        agent.items = 40;
        agent.item_bytes = 1'000'000;
    });
    const auto answer = call(pair.client.get(), "ListTargets", "a{sv}", 0);
    REQUIRE(answer.error.empty());
    std::size_t bytes = 0;
    const char* item = nullptr;
    REQUIRE(::sd_bus_message_enter_container(answer.reply.get(), 'a', "s") >= 0);
    while (::sd_bus_message_read(answer.reply.get(), "s", &item) > 0) bytes += std::strlen(item);
    CHECK(bytes > 40'000'000);
}
