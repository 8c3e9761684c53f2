#include "controller/response_reader.hpp"

#include "support/catch.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

using namespace agent::controller;
namespace http = boost::beast::http;

namespace {

/// Keeps the body, and refuses it at a given length.
class Kept : public BodyReader {
  public:
    void begin() override { body.clear(); }
    agent::Status feed(std::string_view piece) override {
        body += piece;
        if (body.size() < refuse_at) return {};
        return agent::fail(agent::Errc::limit_exceeded, agent::Hop::controller, "enough");
    }
    agent::Status finish() override { return {}; }
    std::string body;
    std::size_t refuse_at = std::string::npos;
};

struct Reading {
    Kept kept;
    ResponseReader reader{[this](const ResponseHead&) -> BodyReader& { return kept; }};
    boost::system::error_code ec;
    std::size_t taken = 0;

    /// In pieces, until it is done or fails.
    Reading& feed(std::string_view bytes, std::size_t piece = 65536) {
        while (!bytes.empty() && !ec && !reader.done()) {
            const auto now = bytes.substr(0, piece);
            ec = reader.feed(now);
            taken += now.size();
            bytes.remove_prefix(now.size());
        }
        return *this;
    }
    /// The same bytes again and again, 64 MiB of them.
    void flood(const std::string& bytes) {
        std::string piece;
        while (piece.size() < 65536) piece += bytes;
        while (!ec && !reader.done() && taken < (64U << 20U)) feed(piece, piece.size());
    }
};

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";

} // namespace

TEST_CASE("an answer is read however its bytes were cut") {
    const auto piece = GENERATE(1U, 2U, 7U, 65536U);
    Reading with_length;
    with_length.feed(head + "Content-Length: 7\r\n\r\n{\"a\":1}", piece);
    CHECK(with_length.reader.done());
    CHECK(with_length.kept.body == "{\"a\":1}");
    CHECK(with_length.reader.head().status == 200);
    CHECK(with_length.reader.head().keep_alive);
    CHECK(with_length.reader.head().content_type == "application/json");
    Reading in_chunks;
    in_chunks.feed(chunked + "3;x=y\r\n{\"a\r\n4\r\n\":1}\r\n0\r\nX-Trailer: 1\r\n\r\n", piece);
    CHECK(in_chunks.reader.done());
    CHECK(in_chunks.kept.body == "{\"a\":1}");
    CHECK_FALSE(in_chunks.reader.leftover());
    Reading to_the_end;
    to_the_end.feed("HTTP/1.0 200 OK\r\n\r\n{\"a\":1}", piece);
    CHECK_FALSE(to_the_end.reader.done());
    CHECK_FALSE(to_the_end.reader.end());
    CHECK(to_the_end.kept.body == "{\"a\":1}");
    CHECK_FALSE(to_the_end.reader.head().keep_alive);
}

TEST_CASE("interim answers are passed over, and only so many") {
    const std::string go_on = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    Reading few;
    few.feed("HTTP/1.1 100 Continue\r\n\r\n" + go_on + head + "Content-Length: 2\r\n\r\n{}", 5);
    CHECK(few.reader.done());
    CHECK(few.reader.head().status == 200);
    CHECK(few.kept.body == "{}");
    Reading flood;
    flood.flood(go_on);
    CHECK(flood.ec == http::error::bad_status);
    CHECK(flood.taken <= 65536 * 2);
    Reading other_protocol;
    other_protocol.feed("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    CHECK(other_protocol.ec == http::error::bad_status);
    Reading only_interim;
    only_interim.feed(go_on);
    CHECK(only_interim.reader.end() == http::error::partial_message);
}

TEST_CASE("what is neither head nor body has a bound") {
    struct Flood {
        const char* name;
        std::string begin, again;
    };
    const std::vector<Flood> floods = {
        {"one endless chunk extension", chunked + "1;", std::string(1000, 'x')},
        {"an extension on every chunk", chunked, "1;" + std::string(4000, 'x') + "\r\n \r\n"},
        {"an endless chunk size", chunked, "0"},
        {"endless trailers", chunked + "0\r\n", "X-Trailer: " + std::string(100, 'x') + "\r\n"},
        {"one endless trailer", chunked + "0\r\nX: ", "xxxxxxxx"},
        {"endless fields", head, "X-Field: " + std::string(100, 'x') + "\r\n"},
        {"one endless field", head + "X: ", "xxxxxxxx"},
        {"an endless reason", "HTTP/1.1 200 ", "xxxxxxxx"},
        {"chunks of one byte", chunked, "1\r\n \r\n"},
        {"an endless body", chunked, "1000\r\n" + std::string(4096, ' ') + "\r\n"},
        {"a body to the end of the stream", "HTTP/1.1 200 OK\r\n\r\n", std::string(4096, ' ')},
    };
    for (const auto& flood : floods) {
        INFO(flood.name);
        Reading reading;
        reading.feed(flood.begin);
        reading.flood(flood.again);
        CHECK(reading.ec);
        CHECK(reading.kept.body.size() <= max_body_bytes);
        CHECK(reading.taken <= max_body_bytes + (256U << 10U));
        if (flood.name != std::string("an endless body") &&
            flood.name != std::string("a body to the end of the stream"))
            CHECK(reading.taken <= 4 * max_overhead_bytes);
    }
    Reading announced;
    announced.feed(head + "Content-Length: 268435456\r\n\r\n");
    CHECK(announced.ec == http::error::body_limit);
}

TEST_CASE("a body that its reader refuses ends the answer") {
    Reading reading;
    reading.kept.refuse_at = 10;
    reading.feed(chunked);
    reading.flood("4\r\nabcd\r\n");
    CHECK(reading.ec == boost::asio::error::operation_aborted);
    REQUIRE(reading.reader.refused());
    CHECK(reading.reader.refused()->message == "enough");
    CHECK(reading.kept.body.size() == 12);
}

TEST_CASE("what comes behind an answer is seen, and belongs to no other") {
    Reading reading;
    reading.feed(head +
                 "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    CHECK(reading.reader.done());
    CHECK(reading.kept.body == "{}");
    CHECK(reading.reader.leftover());
}

TEST_CASE("a stream that ends too early is no answer") {
    Reading nothing;
    CHECK(nothing.reader.end() == http::error::end_of_stream);
    CHECK_FALSE(nothing.reader.started());
    Reading cut;
    cut.feed(head + "Content-Length: 20\r\n\r\n{\"it");
    CHECK(cut.reader.started());
    CHECK(cut.reader.end() == http::error::partial_message);
    Reading cut_head;
    cut_head.feed("HTTP/1.1 2");
    CHECK(cut_head.reader.end() == http::error::partial_message);
    Reading no_http;
    no_http.feed("SSH-2.0-OpenSSH_9.2\r\n");
    CHECK(no_http.ec == http::error::bad_version);
}
