#include "ipc/socket/codec.hpp"

#include "base/json_text.hpp"
#include "support/catch.hpp"
#include "support/memory_scan.hpp"

using namespace ipc;
using namespace std::string_literals;

TEST_CASE("codec: a call comes back as it was sent, and absent flags mean false") {
    Call call;
    call.method = "org.agentd.Agent.Read";
    call.parameters["id"] = "s_1";
    call.more = true;
    const std::string text = encode(call);
    REQUIRE(text.back() == '\0');
    CHECK(
        text ==
        "{\"method\":\"org.agentd.Agent.Read\",\"parameters\":{\"id\":\"s_1\"},\"more\":true}\0"s);
    const auto back = decode_call(std::string_view(text).substr(0, text.size() - 1));
    REQUIRE(back.has_value());
    CHECK(back->method == call.method);
    CHECK(back->parameters == call.parameters);
    CHECK(back->more);
    CHECK_FALSE(back->oneway);
}

TEST_CASE("codec: parameters may be missing or null, in calls and replies") {
    CHECK(decode_call(R"({"method":"a.b"})")->parameters == Json::object());
    CHECK(decode_call(R"({"method":"a.b","parameters":null})")->parameters == Json::object());
    CHECK(decode_reply("{}")->parameters == Json::object());
}

TEST_CASE("codec: what is no call is refused with what is wrong, and without quoting the input") {
    auto [text, message] = GENERATE(table<std::string, std::string>({
        {"", "not JSON at byte 1"},
        {"hunter2", "not JSON at byte 1"},
        {"[]", "a message must be a JSON object"},
        {R"({"method":7})", "a call must name its method"},
        {R"({"method":"a.b","parameters":[]})", "parameters must be an object"},
        {R"({"method":"a.b","more":1})", "more must be true or false"},
        {"{\"method\":\"a.\xff\"}", "not JSON at byte 14"},
    }));
    const auto call = decode_call(text);
    REQUIRE_FALSE(call.has_value());
    CHECK(call.error().message == message);
}

TEST_CASE("codec: a reply in pieces is the same reply, and what was given out is not kept") {
    Reply reply;
    reply.parameters["status_code"] = 200;
    reply.parameters["items"] = Json::array();
    for (int i = 0; i < 1000; ++i)
        reply.parameters["items"].push_back(agent::raw_json(R"({"id":"t_1","x":1.50})"));
    reply.parameters["none"] = Json::array();
    reply.parameters["body"] = agent::raw_json("{\"a\":\"" + std::string(100000, 'x') + "\"}");
    reply.continues = true;
    const std::string whole = encode(reply);
    CHECK(whole.starts_with(
        R"({"parameters":{"status_code":200,"items":[{"id":"t_1","x":1.50},{"id")"));
    CHECK(whole.ends_with("\"}},\"continues\":true}\0"s));
    CHECK(decode_reply(std::string_view(whole).substr(0, whole.size() - 1))
              ->parameters["items"]
              .size() == 1000);
    std::string together;
    ReplyPieces pieces(std::move(reply));
    for (std::string piece = pieces.next(500); !piece.empty(); piece = pieces.next(500)) {
        CHECK(piece.size() < 101000);
        together += piece;
    }
    CHECK(together == whole);
    Reply refused;
    refused.error = "org.agentd.Agent.Canceled";
    CHECK(encode(refused) == "{\"error\":\"org.agentd.Agent.Canceled\",\"parameters\":{}}\0"s);
}

TEST_CASE("codec: nesting is bounded") {
    const std::string deep = R"({"method":"a.b","parameters":{"x":)" + std::string(100, '[') +
                             std::string(100, ']') + "}}";
    CHECK(decode_call(deep).error().message == "nested deeper than 64 levels");
}

TEST_CASE("splitter: messages come out whole however the bytes arrive") {
    const std::string stream = "{\"a\":1}\0{}\0{\"b\":2}\0"s;
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        MessageSplitter splitter(100);
        std::vector<std::string> messages;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            splitter.feed(std::string_view(stream).substr(at, piece));
            while (true) {
                const auto message = splitter.next();
                REQUIRE(message.has_value());
                if (!message->has_value()) break;
                messages.push_back(**message);
            }
        }
        CHECK(messages == std::vector<std::string>{"{\"a\":1}", "{}", "{\"b\":2}"});
    }
}

TEST_CASE("splitter: a message longer than allowed is refused, with or without its end") {
    MessageSplitter splitter(4);
    splitter.feed("1234\0"s);
    CHECK(splitter.next()->value() == "1234");
    splitter.feed("12345");
    CHECK(splitter.next().error().code == agent::Errc::limit_exceeded);
    MessageSplitter ended(4);
    ended.feed("12345\0"s);
    CHECK(ended.next().error().code == agent::Errc::limit_exceeded);
}

TEST_CASE("splitter: a message that was taken out is nowhere in its buffer") {
    const agent::test::Marker marker;
    MessageSplitter splitter(4096);
    for (int round = 0; round < 2; ++round) { // into a fresh buffer, and behind what came before
        std::string bytes;
        bytes.reserve(1024);
        bytes.append(64, '.');
        marker.append_to(bytes);
        bytes += "\0half of the next"s;
        splitter.feed(bytes);
        agent::wipe(bytes);
        CHECK(marker.copies() == 1);
        auto message = splitter.next();
        REQUIRE((message.has_value() && message->has_value()));
        agent::wipe(**message);
        CHECK(marker.copies() == 0);
        splitter.feed("\0"s);
        REQUIRE(splitter.next().has_value());
    }
}

TEST_CASE("splitter: the beginning of a message is nowhere but in it, wherever its buffer moved") {
    const agent::test::Marker marker;
    {
        MessageSplitter splitter(4096);
        std::string bytes;
        bytes.reserve(1024);
        bytes += "first\0"s + std::string(64, '.');
        marker.append_to(bytes);
        splitter.feed(bytes);
        agent::wipe(bytes);
        REQUIRE(splitter.next().has_value()); // the first one
        splitter.feed(", and the rest of it\0"s);
        CHECK(marker.copies() == 1);
        auto message = splitter.next();
        REQUIRE((message.has_value() && message->has_value()));
        CHECK((**message).ends_with(", and the rest of it"));
        agent::wipe(**message);
        CHECK(marker.copies() == 0);
    }
}

TEST_CASE("codec: what a reply has given out is nowhere else any more") {
    const agent::test::Marker marker;
    Reply reply;
    reply.parameters["more"] = "x";
    reply.parameters["token"] = "";
    auto& secret = reply.parameters["token"].get_ref<std::string&>();
    secret.reserve(1024);
    secret.append(64, '.');
    marker.append_to(secret);
    CHECK(marker.copies() == 1);
    ReplyPieces pieces(std::move(reply));
    std::string piece = pieces.next(std::string::npos);
    CHECK(piece.size() > 112);
    agent::wipe(piece);
    CHECK(marker.copies() == 0); // `pieces` lives on
}

TEST_CASE("wipe: every string of a tree is overwritten") {
    Json tree = {{"password", "hunter2"}, {"list", {"abc", 7}}};
    wipe(tree);
    CHECK(tree["password"].get<std::string>() == std::string(7, '\0'));
    CHECK(tree["list"][0].get<std::string>() == std::string(3, '\0'));
    CHECK(tree["list"][1].get<int>() == 7);
}
