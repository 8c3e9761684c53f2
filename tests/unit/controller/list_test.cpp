#include "unit/controller/scripted_controller.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::controller;
using namespace agent::test;

namespace {

using ClientPtr = std::shared_ptr<Client>;

class CountPages final : public PageObserver {
  public:
    awaitable<Status> page(int pages) override {
        seen = pages;
        if (pages < leave_after) co_return Status();
        co_return fail(Errc::canceled, Hop::local, "the caller has gone");
    }
    int seen = 0;
    int leave_after = 1 << 30;
};

Result<ItemList> list(const ScriptedController& controller, PageObserver* observer = nullptr) {
    return with_client(controller.settings(), [&](ClientPtr client) -> awaitable<Result<ItemList>> {
        ListQuery query;
        query.collection = "/v1/targets";
        query.parameters.emplace_back("filter", "\"/item/name\" == \"a b\"");
        query.token = Secret("at_1234567890_s1");
        co_return co_await list_all(*client, std::move(query), observer);
    });
}

std::string page(const std::string& items, const std::string& token, const std::string& more = {}) {
    return http_answer("{\"items\":[" + items + "],\"response_type\":\"" +
                       (token.empty() ? "complete" : "delta") + "\",\"list_token\":\"" + token +
                       "\"" + more + "}");
}

std::string item(int number, const std::string& more = {}) {
    return "{\"id\":\"t_" + std::to_string(number) + "\"" + more + "}";
}

} // namespace

TEST_CASE("the pages of a list become one, with its changes") {
    ScriptedController controller([](const std::string&, std::size_t number) {
        if (number == 0) return page(item(1) + "," + item(2) + "," + item(3), "a&b");
        if (number == 1)
            return page(item(2, ",\"name\":\"new\""), "c", ",\"removed_ids\":[\"t_1\"]");
        return page(item(4), "");
    });
    CountPages pages;
    const auto items = list(controller, &pages);
    REQUIRE(items.has_value());
    CHECK(items->items == std::vector<std::string>{item(2, ",\"name\":\"new\""), item(3), item(4)});
    CHECK(items->status == 200);
    CHECK(pages.seen == 2);
    const auto requests = controller.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].starts_with(
        "GET /v1/targets?filter=%22%2Fitem%2Fname%22%20%3D%3D%20%22a%20b%22 HTTP"));
    CHECK(requests[1].find("&list_token=a%26b HTTP") != std::string::npos);
    CHECK(controller.connections() == 1);
}

TEST_CASE("a list whose token comes again ends with an error") {
    ScriptedController same([](const std::string&, std::size_t number) {
        return page(item(static_cast<int>(number)), "t");
    });
    const auto at_once = list(same);
    REQUIRE_FALSE(at_once.has_value());
    CHECK(at_once.error().code == Errc::controller_protocol);
    CHECK(at_once.error().message.find("has no end") != std::string::npos);
    CHECK(same.requests().size() == 2);
    ScriptedController round([](const std::string&, std::size_t number) {
        return page(item(static_cast<int>(number)), std::to_string(number % 5));
    });
    CHECK_FALSE(list(round).has_value());
    CHECK(round.requests().size() == 6);
}

TEST_CASE("pages that bring nothing new end a list") {
    const auto brings = GENERATE(std::string(), item(1));
    ScriptedController controller([&](const std::string&, std::size_t number) {
        return page(brings, std::to_string(number));
    });
    const auto items = list(controller);
    REQUIRE_FALSE(items.has_value());
    CHECK(items.error().code == Errc::controller_protocol);
    CHECK(controller.requests().size() <= 2 + max_empty_pages);
}

TEST_CASE("a list that is longer than is held says what to do") {
    std::string megabyte(1U << 20U, 'x');
    ScriptedController controller([&](const std::string&, std::size_t number) {
        return page(item(static_cast<int>(number), ",\"name\":\"" + megabyte + "\""),
                    std::to_string(number));
    });
    const auto items = list(controller);
    REQUIRE_FALSE(items.has_value());
    CHECK(items.error().code == Errc::limit_exceeded);
    CHECK(items.error().hint.find("-filter") != std::string::npos);
    CHECK(controller.requests().size() <= 1 + (max_list_bytes >> 20U));
}

TEST_CASE("a list that nobody waits for any more is read no further") {
    ScriptedController controller([](const std::string&, std::size_t number) {
        return page(item(static_cast<int>(number)), std::to_string(number));
    });
    CountPages pages;
    pages.leave_after = 3;
    const auto items = list(controller, &pages);
    REQUIRE_FALSE(items.has_value());
    CHECK(items.error().code == Errc::canceled);
    CHECK(controller.requests().size() == 3);
}

TEST_CASE("ten thousand items of a kilobyte and a half are a list") {
    const std::string rest = ",\"name\":\"" + std::string(1500, 'x') + "\"";
    ScriptedController controller([&](const std::string&, std::size_t number) {
        std::string items;
        for (int i = 0; i < 1000; ++i)
            items += (i > 0 ? "," : "") + item(static_cast<int>(number) * 1000 + i, rest);
        return page(items, number == 9 ? "" : std::to_string(number));
    });
    const auto items = list(controller);
    REQUIRE(items.has_value());
    CHECK(items->items.size() == 10000);
}

TEST_CASE("a refused page is the controller's own error") {
    ScriptedController controller([](const std::string&, std::size_t number) {
        if (number == 0) return page(item(1), "t");
        return http_answer("{\"kind\":\"PermissionDenied\",\"message\":\"Forbidden.\"}",
                           "403 Forbidden");
    });
    const auto items = list(controller);
    REQUIRE_FALSE(items.has_value());
    CHECK(items.error().code == Errc::controller_error);
    CHECK(items.error().status == 403);
    CHECK(items.error().message == "Forbidden.");
}
