#include "controller/list_merge.hpp"
#include "controller/page_reader.hpp"

#include "base/json.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agent;
using namespace agent::controller;
using Texts = std::vector<std::string>;

namespace {

Result<Page> read_page(std::string_view text, std::size_t piece = 65536,
                       std::size_t room = max_list_bytes) {
    PageReader reader(room);
    reader.begin();
    while (!text.empty()) {
        const auto now = text.substr(0, piece);
        const auto fed = reader.feed(now);
        if (!fed) return fed.error();
        text.remove_prefix(now.size());
    }
    const auto whole = reader.finish();
    if (!whole) return whole.error();
    return reader.take();
}

Page page_of(const std::string& members) {
    auto page = read_page("{" + members + "}");
    REQUIRE(page.has_value());
    return std::move(*page);
}

std::string item(const std::string& id, const std::string& created, const std::string& name = "n") {
    return R"({"id":")" + id + R"(","created_time":")" + created + R"(","name":")" + name + R"("})";
}

const std::string early = "2026-11-24T00:00:00Z", later = "2026-11-24T00:00:00.000000001Z",
                  last = "2026-11-25T00:00:00Z";

} // namespace

TEST_CASE("a page is cut into its items however its bytes were cut") {
    const std::string text =
        R"({"items": [ {"scope": {"id": "o_1", "created_time": "2020-01-01T00:00:00Z"}, "id" : "t_1",
        "created_time": "2026-11-24T00:00:00Z", "list": [1, [{"id": "no"}], "id"], "x": 1.50},
        {"name": "without an id"}, null, 7 ], "response_type": "delta", "list_token": "to\u006ben", "est_item_count": 4,
        "removed_ids": [ "t_7", 5, ["t_8"], "t_9" ], "other": {"items": [1], "list_token": "no"}, "sort_by": "x" })";
    for (const std::size_t piece : {1U, 3U, 65536U}) {
        const auto page = read_page(text, piece);
        REQUIRE(page.has_value());
        REQUIRE(page->items.size() == 3);
        CHECK(page->items[0].id == "t_1");
        CHECK(page->items[0].created == parse_rfc3339(early));
        CHECK(
            page->items[0].text ==
            R"({"scope":{"id":"o_1","created_time":"2020-01-01T00:00:00Z"},"id":"t_1","created_time":"2026-11-24T00:00:00Z",)"
            R"("list":[1,[{"id":"no"}],"id"],"x":1.50})");
        CHECK(page->items[1].text == R"({"name":"without an id"})");
        CHECK(page->items[1].id.empty());
        CHECK_FALSE(page->items[1].created);
        CHECK(page->items[2].text == "7");
        CHECK(page->removed_ids == Texts{"t_7", "t_9"});
        CHECK(page->list_token == "token");
        CHECK(page->response_type == "delta");
    }
}

TEST_CASE("a page without items, or with something else in their place, has none") {
    for (const auto* text :
         {"", " ", "{}", "{\"items\":null}", "{\"items\":{\"id\":\"x\"}}", "{\"items\":\"x\"}",
          "{\"items\":[]}", "{\"items\":{\"items\":[{\"id\":\"x\"}]}}",
          "{\"removed_ids\":\"x\",\"list_token\":5}"}) {
        INFO(text);
        const auto page = read_page(text);
        REQUIRE(page.has_value());
        CHECK(page->items.empty());
        CHECK(page->removed_ids.empty());
        CHECK(page->list_token.empty());
    }
    for (const auto* text : {"[]", "7", "\"x\"", "null", "{\"items\":[}", "{\"items\":[{]"}) {
        INFO(text);
        const auto page = read_page(text);
        REQUIRE_FALSE(page.has_value());
        CHECK(page.error().code == Errc::controller_protocol);
    }
}

TEST_CASE("what a page's items cost is bounded, however small they are") {
    std::string text = "{\"items\":[";
    for (int i = 0; i < 10000; ++i) text += "{},";
    const auto page = read_page(text, 65536, 100000);
    REQUIRE_FALSE(page.has_value());
    CHECK(page.error().code == Errc::limit_exceeded);
    CHECK_FALSE(
        read_page("{\"items\":[{\"x\":\"" + std::string(200000, 'x'), 65536, 100000).has_value());
    CHECK_FALSE(read_page("{\"items\":[" + std::string(200000, '7'), 65536, 100000).has_value());
    std::string removed = "{\"removed_ids\":[";
    for (int i = 0; i < 10000; ++i) removed += "\"\",";
    CHECK_FALSE(read_page(removed, 65536, 100000).has_value());
    CHECK_FALSE(read_page("{\"list_token\":\"" + std::string(max_list_token_bytes + 1, 'x') + "\"}")
                    .has_value());
}

TEST_CASE("an item that was removed is not in the list") {
    ListMerge merge;
    CHECK(merge.add(page_of("\"items\":[" + item("a", early) + "," + item("b", later) + "]")));
    CHECK(merge.add(page_of("\"removed_ids\":[\"a\",\"unknown\"]")));
    CHECK_FALSE(merge.add(page_of("\"removed_ids\":[\"a\"]")));
    CHECK(merge.take_sorted() == Texts{item("b", later)});
    CHECK(merge.add(page_of("\"items\":[" + item("a", early) + "],\"removed_ids\":[\"a\"]")));
    CHECK(merge.take_sorted().empty());
}

TEST_CASE("an item that comes again replaces the earlier one") {
    ListMerge merge;
    merge.add(page_of("\"items\":[" + item("a", early, "old") + "," + item("b", early) + "]"));
    CHECK_FALSE(merge.add(page_of("\"items\":[" + item("a", early, "old") + "]")));
    CHECK(merge.add(page_of("\"items\":[" + item("a", early, "new") + "]")));
    CHECK(merge.take_sorted() == Texts{item("a", early, "new"), item("b", early)});
}

TEST_CASE("an item that was removed may come back") {
    ListMerge merge;
    merge.add(page_of("\"items\":[" + item("a", early, "old") + "]"));
    merge.add(page_of("\"removed_ids\":[\"a\"]"));
    merge.add(page_of("\"items\":[" + item("a", early, "new") + "]"));
    CHECK(merge.take_sorted() == Texts{item("a", early, "new")});
}

TEST_CASE("a list may be asked for its items once; what comes then is another one") {
    ListMerge merge;
    merge.add(page_of("\"items\":[" + item("a", early) + "]"));
    CHECK(merge.take_sorted() == Texts{item("a", early)});
    CHECK(merge.cost() == 0);
    CHECK(merge.take_sorted().empty());
    CHECK(merge.add(page_of("\"items\":[" + item("a", early) + "]"))); // known no more
    CHECK(merge.cost() == item("a", early).size() + item_overhead_bytes);
    CHECK(merge.take_sorted() == Texts{item("a", early)});
}

TEST_CASE("a list is sorted newest first, and what has no time comes last in its order") {
    ListMerge merge;
    merge.add(page_of("\"items\":[{\"x\":1}," + item("a", early) + "," + item("c", last) + "," +
                      item("b", later) + ",{\"x\":2}," + item("a2", early) + "]"));
    CHECK(merge.take_sorted() == Texts{item("c", last), item("b", later), item("a", early),
                                       item("a2", early), "{\"x\":1}", "{\"x\":2}"});
}

TEST_CASE("what a merged list holds is counted, and a token that came before is known") {
    ListMerge merge;
    const auto text = item("a", early);
    merge.add(page_of("\"items\":[" + text + "]"));
    CHECK(merge.cost() == text.size() + item_overhead_bytes);
    merge.add(page_of("\"items\":[" + item("a", early, std::string(1000, 'x')) + "]"));
    CHECK(merge.cost() == text.size() + 999 + item_overhead_bytes);
    for (int i = 0; i < 1000; ++i) { // an item that comes and goes costs its place each time
        merge.add(page_of("\"items\":[" + item("b", early) + "]"));
        merge.add(page_of("\"removed_ids\":[\"b\"]"));
    }
    CHECK(merge.cost() >= 1000 * item_overhead_bytes);
    const auto before = merge.cost();
    merge.add(page_of("\"items\":[" + item("a", early, "n") + "]")); // smaller than it was
    CHECK(merge.cost() == before - 999);
    CHECK_FALSE(merge.repeats("a token"));
    CHECK(merge.cost() > before - 999); // tokens are held, too
    CHECK_FALSE(merge.repeats("1"));
    CHECK_FALSE(merge.repeats("2"));
    CHECK(merge.repeats("1"));
}
