#include "devserver/worker/handshake_reader.hpp"

#include "blocking_client.hpp"
#include "support/catch.hpp"

using namespace devserver;
using Client = devserver::test::BlockingClient;
using namespace std::string_literals;

namespace {

std::string answer(const std::string& bytes) {
    HandshakeReader reader;
    reader.feed(bytes);
    if (reader.complete()) return "complete";
    return reader.refusal()
               ? std::to_string(reader.refusal()->code) + " " + reader.refusal()->reason
               : "waiting";
}

} // namespace

TEST_CASE("handshake reader: one binary message, whole or byte by byte, and what follows is kept") {
    const auto bytes = Client::frame("the message") + Client::frame("data");
    HandshakeReader whole;
    whole.feed(bytes);
    CHECK(whole.complete() == "the message");
    CHECK(whole.rest() == Client::frame("data"));
    HandshakeReader pieces;
    for (char c : bytes) pieces.feed({&c, 1});
    CHECK(pieces.complete() == "the message");
    CHECK(pieces.rest() == Client::frame("data"));
}

TEST_CASE("handshake reader: fragments are joined, pings between them answered") {
    HandshakeReader reader;
    reader.feed(Client::frame("the ", 2, false) + Client::frame("are you there", 9));
    CHECK(reader.take_replies() == "\x8a\x0d"
                                   "are you there");
    CHECK(reader.take_replies().empty());
    reader.feed(Client::frame("message", 0));
    CHECK(reader.complete() == "the message");
    CHECK(reader.rest().empty());
}

TEST_CASE("handshake reader: rules broken, each with its close") {
    CHECK(answer(Client::frame("text", 1)) == "1008 invalid handshake received");
    CHECK(answer(Client::unmasked_frame("x")) == "1008 invalid handshake received");
    CHECK(answer("\xc2\x80\x01\x02\x03\x04") == "1008 invalid handshake received");
    CHECK(answer(Client::frame(std::string(32768, 'x'))) == "complete");
    CHECK(answer(Client::frame(std::string(32769, 'x')).substr(0, 20)) ==
          "1009 read limited at 32769 bytes");
    CHECK(answer(Client::frame(std::string(32768, 'x'), 2, false) + Client::frame("x", 0)) ==
          "1009 read limited at 32769 bytes");
    CHECK(answer("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"s) ==
          "1009 read limited at 32769 bytes");
    CHECK(answer(Client::close_frame(1000)) == "1000 ");
    CHECK(answer(Client::close_frame(1006)) == "1008 invalid handshake received");
    CHECK(answer(Client::frame("half")).substr(0, 8) == "complete");
    CHECK(answer(Client::frame("half").substr(0, 7)) == "waiting");
}

TEST_CASE("handshake reader: a flood of pings is answered within a bound") {
    HandshakeReader reader;
    for (int i = 0; i < 5000; ++i) reader.feed(Client::frame(std::string(100, 'p'), 9));
    CHECK(reader.take_replies().size() < 80 * 1024);
    reader.feed(Client::frame("the message"));
    CHECK(reader.complete() == "the message");
}
