#include "agentctl/output/printer.hpp"

#include "support/catch.hpp"

using namespace agentctl;

TEST_CASE("answer: people get the table, scripts the line, and neither is made for the other") {
    int laid_out = 0;
    const auto answer = [&](const char* table, const char* json) {
        return Answer([&laid_out, table] { return ++laid_out, std::string(table); },
                      [&laid_out, json] { return ++laid_out, std::string(json); });
    };
    CHECK(answer("table\n", "{}\n").as(Format::table) == "table\n");
    CHECK(answer("table\n", "{}\n").as(Format::json) == "{}\n");
    CHECK(laid_out == 2);
    CHECK(Answer().as(Format::table).empty());
    CHECK(Answer().as(Format::json).empty());
}

TEST_CASE("answer: what is said beside it is no part of standard output") {
    Answer answer("one\n", "{}\n");
    answer.aside("take care\n").then("two\n");
    CHECK(answer.as(Format::table) == "one\ntwo\n");
    CHECK(answer.as(Format::json) == "{}\n");
}

TEST_CASE("printer: the exit code is the answer's, the failure's or the verb's own") {
    const Printer printer;
    CHECK(printer.finish(Answer()) == 0);
    CHECK(printer.finish(7) == 7);
    const auto over = agent::fail(agent::Errc::invalid_argument, agent::Hop::local, "no");
    CHECK(printer.finish(Failure{over, {}}) == 3);
}
