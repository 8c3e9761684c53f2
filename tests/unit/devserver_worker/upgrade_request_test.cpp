#include "devserver/worker/upgrade_request.hpp"

#include "support/catch.hpp"

using namespace devserver;

namespace {

const std::string host = "Host: 127.0.0.1:9202\r\n";
const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
const std::string version = "Sec-WebSocket-Version: 13\r\n";
const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string protocol = "Sec-WebSocket-Protocol: boundary-tcp-proxy-v1\r\n";

std::string request(const std::string& line, const std::string& headers) {
    return line + " HTTP/1.1\r\n" + headers + "\r\n";
}

UpgradeAnswer get(const std::string& headers) {
    return answer_upgrade(request("GET /v1/proxy", headers));
}

bool holds(const UpgradeAnswer& answer, const std::string& line) {
    return answer.text.find(line + "\r\n") != std::string::npos;
}

} // namespace

TEST_CASE(
    "upgrade: a correct request is switched, with its key answered and the subprotocol echoed") {
    const auto answer = get(host + upgrade + version + key + protocol);
    CHECK(answer.upgraded());
    CHECK(answer.text.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(answer.text.ends_with("\r\n\r\n"));
    CHECK(holds(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    CHECK(holds(answer, "Sec-WebSocket-Protocol: boundary-tcp-proxy-v1"));
    CHECK(answer.text.find("Extensions") == std::string::npos);
}

TEST_CASE("upgrade: header names and words are compared without case, lists are searched") {
    CHECK(get("host: a\r\nCONNECTION: keep-alive, upgrade\r\nupgrade: "
              "WebSocket\r\nsec-websocket-version: 13\r\n" +
              key)
              .upgraded());
    CHECK(holds(get(host + upgrade + version + key +
                    "Sec-WebSocket-Protocol: other, boundary-tcp-proxy-v1\r\n"),
                "Sec-WebSocket-Protocol: boundary-tcp-proxy-v1"));
}

TEST_CASE("upgrade: without our subprotocol the answer is 101 without one") {
    for (const std::string& offer :
         {std::string(), std::string("Sec-WebSocket-Protocol: chat\r\n")}) {
        const auto answer = get(host + upgrade + version + key + offer);
        CHECK(answer.upgraded());
        CHECK(answer.text.find("Sec-WebSocket-Protocol") == std::string::npos);
    }
}

TEST_CASE("upgrade: an offered extension is not taken up") {
    const auto answer =
        get(host + upgrade + version + key + "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    CHECK(answer.upgraded());
    CHECK(answer.text.find("permessage-deflate") == std::string::npos);
}

TEST_CASE("upgrade: each refusal has its status, and none is cached") {
    const auto good = host + upgrade + version + key;
    CHECK(answer_upgrade(request("GET /", good)).status == 404);
    CHECK(answer_upgrade(request("GET /v1/proxy/", good)).status == 404);
    CHECK(answer_upgrade(request("POST /v1/proxy", good)).status == 405);
    CHECK(get(host).status == 426);
    CHECK(get(host + "Connection: Upgrade\r\n" + version + key).status == 426);
    CHECK(get(host + upgrade + "Sec-WebSocket-Version: 8\r\n" + key).status == 400);
    CHECK(get(host + upgrade + version).status == 400);
    CHECK(get(host + upgrade + version + "Sec-WebSocket-Key: short\r\n").status == 400);
    CHECK(get(host + upgrade + version + key + key).status == 400);
    CHECK(get(good + "Content-Length: 5\r\n").status == 400);
    CHECK(get(good + "Origin: https://evil.example.org\r\n").status == 403);
    CHECK(get(good + "Origin: http://127.0.0.1:9202\r\n").status == 101);
    CHECK(answer_upgrade("nonsense\r\n\r\n").status == 400);
    CHECK(answer_upgrade("GET /v1/proxy HTTP/1.0\r\n" + good + "\r\n").status == 426);
    for (int status : {101, 400, 403, 404, 405, 426, 431, 500}) {
        const auto answer = status == 101 ? get(good) : answer_plainly(status);
        CHECK(holds(answer, "Cache-Control: no-store"));
    }
    CHECK(holds(answer_plainly(426), "Upgrade: websocket"));
    CHECK(answer_plainly(500).text.ends_with("Content-Length: 0\r\n\r\n"));
}

TEST_CASE("upgrade: the head ends at its empty line, whatever follows") {
    const auto head = request("GET /v1/proxy", host);
    CHECK(request_head_length(head + "\x82\x80") == head.size());
    CHECK(request_head_length(head) == head.size());
    CHECK_FALSE(request_head_length(head.substr(0, head.size() - 1)).has_value());
}
