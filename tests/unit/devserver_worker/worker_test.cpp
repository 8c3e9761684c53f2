// Handshake, data and end of connections, against a client of other making.

#include "running_worker.hpp"

#include "boundary/handshake.hpp"
#include "support/catch.hpp"

using namespace devserver;
using namespace devserver::test;
using namespace std::chrono_literals;

namespace {

const std::string tofu = "0123456789abcdefghij";
const std::string other_tofu = "ABCDEFGHIJabcdefghij";

BlockingClient& upgraded(BlockingClient& client) {
    client.send(BlockingClient::request());
    if (!client.read_head().starts_with("HTTP/1.1 101 ")) throw Broken("no upgrade");
    return client;
}

agent::boundary::HandshakeResult result_of(BlockingClient& client) {
    return agent::boundary::decode_handshake_result(client.read_frame().payload).value();
}

/// Upgrades, sends `bytes` and tells the close that comes back.
std::string close_after(RunningWorker& running, const ClientOptions& session,
                        const std::string& bytes) {
    BlockingClient client(running.port(), session);
    upgraded(client).send(bytes);
    auto frame = client.read_frame();
    if (frame.opcode == 2) frame = client.read_frame(); // the result of an accepted handshake
    if (frame.opcode != 8) return "no close";
    client.send(BlockingClient::close_frame(frame.code()));
    CHECK(client.at_end());
    return std::to_string(frame.code()) + " " + frame.reason();
}

} // namespace

TEST_CASE("worker: a connection is authorized, carries both ways, ends with the client, and is "
          "accounted for") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()), 5);
    BlockingClient client(running.port(), session);
    upgraded(client).send(BlockingClient::open(tofu));
    const auto result = result_of(client);
    CHECK(result.connection_limit == 5);
    CHECK(result.connections_left == 4);
    CHECK(result.expiration == running.authority.sessions.at("s_1234567890").record.expiration);
    const std::string big(300'000, 'b');
    client.send(BlockingClient::frame("hello ") + BlockingClient::frame("world"));
    CHECK(client.read_payload(11) == "hello world");
    client.send(BlockingClient::frame(big));
    CHECK(client.read_payload(big.size()) == big);
    client.send(BlockingClient::close_frame(1000));
    CHECK(client.read_frame().code() == 1000);
    CHECK(client.at_end());
    CHECK(running.eventually([&] { return running.authority.connections.at("sc_0").closed; }));
    const auto connection = running.at([&] { return running.authority.connections.at("sc_0"); });
    CHECK(connection.connected);
    CHECK(connection.up == 11 + big.size());
    CHECK(connection.down == 11 + big.size());
    CHECK(connection.addresses.client_address == "127.0.0.1");
    CHECK("tcp://127.0.0.1:" + std::to_string(connection.addresses.endpoint_port) ==
          running.authority.sessions.at("s_1234567890").record.endpoint);
}

TEST_CASE(
    "worker: whatever is pipelined arrives, behind the handshake and behind the request itself") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
    const std::string big(200'000, 'p');
    const auto flight =
        BlockingClient::open(tofu) + BlockingClient::frame("first ") + BlockingClient::frame(big);
    BlockingClient behind_handshake(running.port(), session);
    upgraded(behind_handshake).send(flight);
    CHECK(result_of(behind_handshake).connections_left == -1);
    CHECK(behind_handshake.read_payload(6 + big.size()) == "first " + big);

    BlockingClient behind_request(running.port(), session);
    behind_request.send(BlockingClient::request() + flight);
    CHECK(behind_request.read_head().starts_with("HTTP/1.1 101 "));
    CHECK(result_of(behind_request).connections_left == -1);
    CHECK(behind_request.read_payload(6 + big.size()) == "first " + big);
}

TEST_CASE(
    "worker: a connection opened ahead waits, answers pings, and costs nothing until it is used") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()), 1);
    BlockingClient warm(running.port(), session);
    upgraded(warm).send(BlockingClient::frame("still there", 9));
    const auto pong = warm.read_frame();
    CHECK(pong.opcode == 10);
    CHECK(pong.payload == "still there");
    CHECK(running.at([&] { return running.authority.session_status("s_1234567890"); }) ==
          SessionStatus::pending);
    warm.send(BlockingClient::open(tofu) + BlockingClient::frame("now"));
    CHECK(result_of(warm).connections_left == 0);
    CHECK(warm.read_payload(3) == "now");
    warm.send(BlockingClient::frame("and now", 9));
    CHECK(warm.read_frame().payload == "and now");
}

TEST_CASE("worker: handshakes that are none are closed with the protocol's codes and cost no "
          "connection") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()), 1);
    const auto close = [&](const std::string& bytes) {
        return close_after(running, session, bytes);
    };
    CHECK(close(BlockingClient::frame("text", 1)) == "1008 invalid handshake received");
    CHECK(close(BlockingClient::unmasked_frame("x")) == "1008 invalid handshake received");
    CHECK(close(BlockingClient::frame("GET / HTTP/1.1")) == "1007 failed to unmarshal protobuf");
    CHECK(close(BlockingClient::frame(std::string(32769, 'x'))) ==
          "1009 read limited at 32769 bytes");
    CHECK(close(BlockingClient::open("short")) == "1003 invalid tofu token");
    CHECK(close(BlockingClient::frame("")) == "1003 invalid tofu token");
    CHECK(running.at([&] { return running.authority.connections.size(); }) == 0);
    CHECK(running.at([&] { return running.authority.session_status("s_1234567890"); }) ==
          SessionStatus::pending);
}

TEST_CASE("worker: the first token binds the session, another is refused and harms nobody") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
    BlockingClient first(running.port(), session);
    upgraded(first).send(BlockingClient::open(tofu));
    result_of(first);
    CHECK(close_after(running, session, BlockingClient::open(other_tofu)) ==
          "1008 tofu token not allowed");
    BlockingClient second(running.port(), session);
    upgraded(second).send(BlockingClient::open(tofu));
    result_of(second);
    first.send(BlockingClient::frame("alive"));
    CHECK(first.read_payload(5) == "alive");
}

TEST_CASE("worker: two first uses at once race, and the loser may try again") {
    WorkerLimits limits;
    limits.controller_latency = 100ms;
    RunningWorker running(limits);
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
    BlockingClient first(running.port(), session), second(running.port(), session);
    upgraded(first);
    upgraded(second);
    first.send(BlockingClient::open(tofu));
    second.send(BlockingClient::open(tofu));
    const auto a = first.read_frame(), b = second.read_frame();
    CHECK(a.opcode != b.opcode);
    const auto& lost = a.opcode == 8 ? a : b;
    CHECK(lost.code() == 1011);
    CHECK(lost.reason() == "unable to activate session");
    BlockingClient again(running.port(), session);
    upgraded(again).send(BlockingClient::open(tofu));
    CHECK(again.read_frame().opcode == 2);
}

TEST_CASE("worker: a used-up or canceled session refuses with 1011") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()), 1);
    BlockingClient only(running.port(), session);
    upgraded(only).send(BlockingClient::open(tofu));
    CHECK(result_of(only).connections_left == 0);
    CHECK(close_after(running, session, BlockingClient::open(tofu)) ==
          "1011 unable to authorize connection");
    only.send(BlockingClient::frame("alive"));
    CHECK(only.read_payload(5) == "alive");

    const auto unused = running.add_session("s_unused", running.endpoint(echo()));
    running.at([&] { return running.authority.cancel_session("s_unused").has_value(); });
    CHECK(close_after(running, unused, BlockingClient::open(tofu)) ==
          "1011 refusing to activate session");
}

TEST_CASE("worker: SESSION_CANCEL needs twenty bytes and nothing else") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
    BlockingClient live(running.port(), session);
    upgraded(live).send(BlockingClient::open(tofu));
    result_of(live);
    CHECK(close_after(running, session, BlockingClient::cancel("short")) ==
          "1003 invalid tofu token");
    CHECK(close_after(running, session, BlockingClient::cancel(other_tofu)) ==
          "1000 session canceled");
    CHECK(running.at([&] { return running.authority.session_status("s_1234567890"); }) ==
          SessionStatus::canceling);
    CHECK(close_after(running, session, BlockingClient::cancel(tofu)) == "1000 session canceled");
    CHECK(live.at_end()); // cut at the next poll, without a close frame
    running.at([&] { return running.authority.refuse_cancel = true; });
    CHECK(close_after(running, session, BlockingClient::cancel(tofu)) ==
          "1011 unable to cancel session");
}

TEST_CASE(
    "worker: a dead endpoint is told after the result with 3000, and the connection is spent") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.dead_endpoint(), 2);
    CHECK(
        close_after(running, session, BlockingClient::open(tofu) + BlockingClient::frame("lost")) ==
        "3000 unable to setup proxying");
    CHECK(running.at([&] { return running.authority.sessions.at("s_1234567890").used; }) == 1);
    CHECK(running.eventually([&] { return running.authority.connections.at("sc_0").closed; }));
    const auto senseless = running.add_session("s_senseless", "tcp://nowhere");
    CHECK(close_after(running, senseless, BlockingClient::open(tofu)) ==
          "1002 unable to parse endpoint");
    running.at([&] { return running.authority.refuse_connect = true; });
    const auto reachable = running.add_session("s_reachable", running.endpoint(echo()));
    CHECK(close_after(running, reachable, BlockingClient::open(tofu)) ==
          "1011 unable to establish proxy");
}

TEST_CASE(
    "worker: broken frames in the data phase are closed with a reason and end the endpoint too") {
    RunningWorker running;
    std::string received;
    bool ended = false;
    const auto session =
        running.add_session("s_1234567890", running.endpoint(collect(received, ended)));
    CHECK(
        close_after(running, session, BlockingClient::open(tofu) + BlockingClient::frame("text", 1))
            .starts_with("1003 "));
    CHECK(running.eventually([&] { return std::exchange(ended, false); }));
    CHECK(close_after(running, session,
                      BlockingClient::open(tofu) + BlockingClient::unmasked_frame("x"))
              .starts_with("1002 "));
    CHECK(running.eventually([&] { return ended; }));
}

TEST_CASE(
    "worker: the endpoint's whole answer arrives although the client is still sending, then 1000") {
    RunningWorker running;
    constexpr std::size_t answer = 3'000'000;
    const auto session =
        running.add_session("s_1234567890", running.endpoint(send_and_close(answer)));
    for (int round = 0; round < 10; ++round) {
        BlockingClient client(running.port(), session);
        upgraded(client).send(BlockingClient::open(tofu));
        result_of(client);
        // More than the sockets between could hold if nobody took it.
        for (int i = 0; i < 20; ++i) client.send(BlockingClient::frame(std::string(10'000, 's')));
        CHECK(client.read_payload(answer).size() == answer);
        for (int i = 0; i < 20; ++i) client.send(BlockingClient::frame(std::string(10'000, 's')));
        const auto close = client.read_frame();
        CHECK(close.opcode == 8);
        CHECK(close.code() == 1000);
        CHECK(close.reason().empty());
        client.send(BlockingClient::close_frame(1000));
        CHECK(client.at_end());
    }
}

TEST_CASE("worker: a client that goes without a word ends its endpoint at once") {
    RunningWorker running;
    std::string received;
    bool ended = false;
    const auto session =
        running.add_session("s_1234567890", running.endpoint(collect(received, ended)));
    {
        BlockingClient client(running.port(), session);
        upgraded(client).send(BlockingClient::open(tofu) + BlockingClient::frame("last words"));
        result_of(client);
        CHECK(running.eventually([&] { return received == "last words"; }));
    }
    CHECK(running.eventually([&] { return ended; }));
    CHECK(running.eventually([&] { return running.authority.connections.at("sc_0").closed; }));
}

TEST_CASE("worker: live connections are cut when their session is canceled, at once when it is "
          "told, others go on") {
    WorkerLimits limits;
    limits.poll = 200ms;
    RunningWorker running(limits);
    const auto endpoint = running.endpoint(echo());
    for (const bool told : {true, false}) {
        const auto id = told ? "s_told" : "s_polled";
        const auto session = running.add_session(id, endpoint),
                   bystander = running.add_session("s_bystander", endpoint);
        BlockingClient live(running.port(), session), other(running.port(), bystander);
        upgraded(live).send(BlockingClient::open(tofu));
        upgraded(other).send(BlockingClient::open(tofu));
        result_of(live);
        result_of(other);
        const auto start = std::chrono::steady_clock::now();
        running.at([&] {
            running.authority.sessions.at(id).record.status = SessionStatus::canceling;
            if (told) running.worker().session_ended(id);
            return 0;
        });
        CHECK(live.at_end()); // no close frame, but a clean end
        CHECK(std::chrono::steady_clock::now() - start < 20s);
        other.send(BlockingClient::frame("alive"));
        CHECK(other.read_payload(5) == "alive");
    }
}

TEST_CASE("worker: an authority that fails for a while refuses clients and delays cuts, no more") {
    WorkerLimits limits;
    limits.poll = 20ms;
    RunningWorker running(limits);
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
    BlockingClient live(running.port(), session);
    upgraded(live).send(BlockingClient::open(tofu));
    result_of(live);
    running.at([&] { return running.authority.failures_left = 3; });
    CHECK(running.eventually([&] { return running.authority.failures_left == 0; })); // by polls
    running.at([&] { return running.authority.failures_left = 1'000'000; });
    CHECK_THROWS_AS(BlockingClient(running.port(), session), Broken);
    running.at([&] {
        running.authority.failures_left = 0;
        running.authority.sessions.at("s_1234567890").record.status = SessionStatus::canceling;
        return 0;
    });
    CHECK(live.at_end());
}

TEST_CASE("worker: an expired session is cut to the second, waiting connections are refused") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()), -1, 4s);
    BlockingClient live(running.port(), session), waiting(running.port(), session);
    upgraded(live).send(BlockingClient::open(tofu));
    result_of(live);
    upgraded(waiting);
    CHECK(live.at_end());
    const auto late =
        agent::wall_now() - running.authority.sessions.at("s_1234567890").record.expiration;
    CHECK(late > -50ms);
    CHECK(late < 10s);
    const auto close = waiting.read_frame();
    CHECK(close.code() == 1008);
    CHECK(close.reason() == "invalid handshake received");
}

TEST_CASE("worker: byte counts of live connections are reported while they live") {
    WorkerLimits limits;
    limits.poll = 20ms;
    limits.byte_report = 40ms;
    RunningWorker running(limits);
    const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
    BlockingClient client(running.port(), session);
    upgraded(client).send(BlockingClient::open(tofu) + BlockingClient::frame("12345"));
    result_of(client);
    CHECK(client.read_payload(5) == "12345");
    CHECK(running.eventually([&] {
        const auto& connection = running.authority.connections.at("sc_0");
        return connection.reports > 0 && connection.up == 5 && connection.down == 5 &&
               !connection.closed;
    }));
}

TEST_CASE("worker: stopping ends connections in every phase") {
    std::unique_ptr<BlockingClient> silent, warm, live;
    {
        RunningWorker running;
        const auto session = running.add_session("s_1234567890", running.endpoint(echo()));
        silent = std::make_unique<BlockingClient>(running.port(), session);
        warm = std::make_unique<BlockingClient>(running.port(), session);
        live = std::make_unique<BlockingClient>(running.port(), session);
        upgraded(*warm);
        upgraded(*live).send(BlockingClient::open(tofu));
        result_of(*live);
    }
    CHECK(silent->at_end());
    CHECK(warm->at_end());
    CHECK(live->at_end());
}
