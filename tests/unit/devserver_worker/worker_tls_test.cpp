// TLS and HTTP as a client meets them: who is let in, with which certificate, and with which
// answer.

#include "running_worker.hpp"

#include "support/catch.hpp"

using namespace devserver;
using namespace devserver::test;
using namespace std::chrono_literals;

namespace {

std::string why_broken(const std::function<void()>& act) {
    try {
        act();
    } catch (const Broken& broken) {
        return broken.what();
    }
    return "it worked";
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

int status_of(const std::string& head) {
    return std::stoi(head.substr(9, 3));
}

} // namespace

TEST_CASE(
    "worker: both sides show the session's certificate over TLS 1.3, and http/1.1 is chosen") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", "tcp://127.0.0.1:1");
    BlockingClient client(running.port(), session);
    CHECK(client.peer_certificate_der() == session.certificate_der);
    CHECK(client.tls_version() == "TLSv1.3");
    CHECK(client.chosen_alpn() == "http/1.1");
    client.send(BlockingClient::request());
    const auto head = client.read_head();
    CHECK(status_of(head) == 101);
    CHECK(says(head, "\r\nSec-WebSocket-Protocol: boundary-tcp-proxy-v1\r\n"));
    CHECK(says(head, "\r\nCache-Control: no-store\r\n"));
}

TEST_CASE("worker: the session is found in SNI, else in ALPN in any order") {
    RunningWorker running;
    auto session = running.add_session("s_1234567890", "tcp://127.0.0.1:1");
    running.add_session("s_other", "tcp://127.0.0.1:1");

    session.alpn = "\x0cs_1234567890\x08http/1.1";
    CHECK(BlockingClient(running.port(), session).peer_certificate_der() ==
          session.certificate_der);

    session.alpn = agent::boundary::alpn_wire_list("s_other");
    session.server_name = "s_1234567890";
    CHECK(BlockingClient(running.port(), session).peer_certificate_der() ==
          session.certificate_der);

    session.alpn.clear();
    BlockingClient without_alpn(running.port(), session);
    CHECK(without_alpn.chosen_alpn().empty());
    without_alpn.send(BlockingClient::request());
    CHECK(status_of(without_alpn.read_head()) == 101);

    session.server_name = "worker.example.org";
    session.alpn = agent::boundary::alpn_wire_list("s_1234567890");
    CHECK(BlockingClient(running.port(), session).chosen_alpn() == "http/1.1");
}

TEST_CASE("worker: refusals in TLS are alerts, the unknown session's being internal error") {
    RunningWorker running;
    auto session = running.add_session("s_1234567890", "tcp://127.0.0.1:1");
    const auto connect = [&](const ClientOptions& options) {
        return why_broken([&] {
            BlockingClient client(running.port(), options);
            client.send(BlockingClient::request());
            client.read_head();
        });
    };
    auto other = session;
    other.alpn = agent::boundary::alpn_wire_list("s_unknown");
    CHECK(says(connect(other), "internal error"));
    other.alpn = "\x08http/1.1";
    CHECK(says(connect(other), "internal error"));
    other.alpn.clear();
    CHECK(says(connect(other), "internal error"));
    other.alpn = "\x0cs_1234567890";
    CHECK(says(connect(other), "no application protocol"));
    other = session;
    other.tls12 = true;
    CHECK(says(connect(other), "protocol version"));
    other = session;
    other.certificate_der.clear(); // arrives on the first read, as TLS 1.3 has it
    CHECK(says(connect(other), "certificate required"));
    const auto stranger = running.add_session("s_stranger", "tcp://127.0.0.1:1");
    other = session;
    other.certificate_der = stranger.certificate_der;
    other.private_key = stranger.private_key;
    CHECK(says(connect(other), "bad certificate"));
    running.at([&] {
        running.authority.sessions.at("s_1234567890").record.expiration = agent::wall_now();
        return 0;
    });
    CHECK(says(connect(session), "internal error"));
}

TEST_CASE("worker: HTTP requests that are no upgrade get their status and the connection ends") {
    RunningWorker running;
    const auto session = running.add_session("s_1234567890", "tcp://127.0.0.1:1");
    const std::pair<std::string, int> requests[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        {"POST /v1/proxy HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"GET /v1/proxy HTTP/1.1\r\nHost: a\r\n\r\n", 426},
        {"\r\n\r\n", 400},
        {"GET /v1/proxy HTTP/1.1\r\nX: " + std::string(20000, 'x'), 431},
    };
    for (const auto& [request, status] : requests) {
        BlockingClient client(running.port(), session);
        client.send(request);
        const auto head = client.read_head();
        CHECK(status_of(head) == status);
        const auto at = head.find("Content-Length: ") + 16;
        client.read(std::stoul(head.substr(at)));
        CHECK(client.at_end());
    }
}

TEST_CASE("worker: who says nothing is let go, in TLS and before the request") {
    WorkerLimits limits;
    limits.request_head = 50ms;
    RunningWorker running(limits);
    const auto session = running.add_session("s_1234567890", "tcp://127.0.0.1:1");
    BlockingClient silent(running.port(), session);
    CHECK(silent.at_end());
    BlockingClient halfway(running.port(), session);
    halfway.send("GET /v1/proxy HTTP/1.1\r\n");
    CHECK(halfway.at_end());
}
