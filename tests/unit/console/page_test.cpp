#include "console/serve/page.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <string>

namespace http = boost::beast::http;

namespace {

console::HttpRequest get(const std::string& target, http::verb method = http::verb::get) {
    return console::HttpRequest(method, target, 11);
}

std::string header(const console::HttpResponse& response, const char* name) {
    return std::string(response[name]);
}

} // namespace

TEST_CASE("page: the built files are in the program, and the first one is the page") {
    const auto answer = console::serve_page(get("/"));
    REQUIRE(answer);
    CHECK(answer->result_int() == 200);
    CHECK(header(*answer, "Content-Type") == "text/html; charset=utf-8");
    CHECK(answer->body().find("<title>Boundary console</title>") != std::string::npos);
    CHECK(console::serve_page(get("/console.js")));
    CHECK(console::serve_page(get("/console.css")));
    CHECK(console::serve_page(get("/?anything")));
}

TEST_CASE("page: every answer forbids frames, foreign scripts, guessing and referrers") {
    for (const auto& file : console::page_files()) {
        const auto answer = console::serve_page(get(std::string(file.path)));
        REQUIRE(answer);
        const auto policy = header(*answer, "Content-Security-Policy");
        CHECK(policy.find("default-src 'none'") != std::string::npos);
        CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
        CHECK(policy.find("unsafe") == std::string::npos);
        CHECK(header(*answer, "X-Content-Type-Options") == "nosniff");
        CHECK(header(*answer, "Referrer-Policy") == "no-referrer");
    }
    // what such a policy would block must not be in the page
    const auto page = console::serve_page(get("/"));
    CHECK(page->body().find("<script>") == std::string::npos);
    CHECK(page->body().find("style=") == std::string::npos);
    CHECK(page->body().find("http") == std::string::npos); // nothing from elsewhere
}

TEST_CASE("page: an ETag that still fits is answered with 304 and no body") {
    const auto first = console::serve_page(get("/console.js"));
    auto again = get("/console.js");
    again.set(http::field::if_none_match, header(*first, "ETag"));
    const auto second = console::serve_page(again);
    REQUIRE(second);
    CHECK(second->result_int() == 304);
    CHECK(second->body().empty());
    again.set(http::field::if_none_match, "\"another\"");
    CHECK(console::serve_page(again)->result_int() == 200);
}

TEST_CASE("page: gzip goes to whoever takes it, and the whole page is small") {
    std::size_t packed = 0;
    for (const auto& file : console::page_files()) {
        packed += file.gzip.size();
        auto request = get(std::string(file.path));
        for (const char* refusing : {"", "br", "gzip;q=0", "deflate, gzip; q=0.0"}) {
            request.set(http::field::accept_encoding, refusing);
            CHECK(header(*console::serve_page(request), "Content-Encoding").empty());
        }
        for (const char* taking : {"gzip", "br, gzip", "gzip;q=0.5, br"}) {
            request.set(http::field::accept_encoding, taking);
            const auto answer = console::serve_page(request);
            CHECK(header(*answer, "Content-Encoding") == "gzip");
            CHECK(answer->body() == file.gzip);
        }
    }
    CHECK(packed < 150 * 1024);
}

TEST_CASE(
    "page: nothing but the listed files, however the path climbs, and nothing but GET and HEAD") {
    for (const char* target : {"/../etc/passwd", "/..%2f..%2fetc/passwd", "/console.js/..",
                               "//console.js", "/CONSOLE.JS", "/dist/console.js", "/v1/scopes", "",
                               "console.js", "/%00", "/console.js%00"})
        CHECK_FALSE(console::serve_page(get(target)));
    CHECK_FALSE(console::serve_page(get("/", http::verb::post)));
    CHECK_FALSE(console::serve_page(get("/", http::verb::delete_)));
    const auto head = console::serve_page(get("/", http::verb::head));
    REQUIRE(head);
    CHECK(head->body().empty());
    CHECK(header(*head, "Content-Length") ==
          std::to_string(console::serve_page(get("/"))->body().size()));
}
