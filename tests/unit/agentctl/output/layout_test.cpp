#include "agentctl/output/layout.hpp"

#include "support/catch.hpp"

using namespace agentctl;

TEST_CASE("layout: lines break between words, and continuations keep the indentation") {
    CHECK(wrap("    Key:  one two three\nshort\n", 18) == "    Key:  one two\n    three\nshort\n");
    CHECK(wrap("aaa bbb", 7) == "aaa bbb");
    CHECK(wrap("aaa bbb", 6) == "aaa\nbbb");
}

TEST_CASE("layout: a word longer than a line stands alone, and trailing spaces go") {
    CHECK(wrap("  Token:  abcdefghijkl\n  Next:  x\n", 10) ==
          "  Token:\n  abcdefghijkl\n  Next:  x\n");
    CHECK(wrap("  Host ID:      \n\n\n", 80) == "  Host ID:\n\n\n");
    CHECK(wrap("", 80).empty());
}

TEST_CASE("layout: width counts characters, not bytes") {
    CHECK(wrap("äöü ß", 5) == "äöü ß");
}

TEST_CASE("layout: rows are in byte order, values of nested rows at the same column") {
    const std::vector<Row> rows{{"b", "1"}, {"Z", "2"}, {"A longer key than that", "3"}};
    const auto pad = longest_key(rows);
    CHECK(pad == 22);
    CHECK(rows_block(rows, 2, pad) == "  A longer key than that:   3\n"
                                      "  Z:                        2\n"
                                      "  b:                        1\n");
    CHECK(rows_block({{"ID", "x"}}, 4, pad) == "    ID:                     x\n");
    CHECK(longest_key({{"Reason", ""}}, 0) == 6);
    CHECK(longest_key({{"Reason", ""}}) == 17);
}
