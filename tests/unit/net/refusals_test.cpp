#include "base/log.hpp"
#include "net/refusals.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <string>
#include <vector>

using namespace agent;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> lines;

struct Listen {
    Listen() {
        lines.clear();
        log::set_sink([](log::Level, std::string_view line) { lines.emplace_back(line); });
    }
    ~Listen() { log::set_sink(nullptr); }
};

bool has(const std::string& line, const std::string& part) {
    INFO(line);
    CHECK(line.find(part) != std::string::npos);
    return true;
}

const net::Peer other{net::PeerKind::other, 1001};
const net::Peer third{net::PeerKind::other, 1002};
const net::Peer nobody{net::PeerKind::unheld, 0};

} // namespace

TEST_CASE("refusals: the first is told at once, all others together in one line") {
    const Listen listen;
    {
        net::Refusals refusals("the proxy on port 5432 is not shared", 1h);
        CHECK_FALSE(refusals.note(other, 40'000));
        REQUIRE(lines.size() == 1);
        has(lines[0],
            "client port 40000 belongs to uid 1001; the proxy on port 5432 is not shared");
        CHECK(refusals.note(other, 40'001)); // somebody is to tell later
        for (int i = 0; i < 9'999; ++i) CHECK_FALSE(refusals.note(other, 40'002));
        refusals.note(third, 1);
        refusals.note(nobody, 1);
        CHECK(lines.size() == 1);
    }
    REQUIRE(lines.size() == 2); // as it goes, without waiting for the hour
    has(lines[1], "refused 10002 more clients: 10000 of uid 1001, 1 of uid 1002, 1 that no process "
                  "held; the proxy on");
}

TEST_CASE("refusals: a flood of many users has a line's length, and each pause one line") {
    const Listen listen;
    constexpr int rounds = 3;
    test::run([](boost::asio::io_context&) -> awaitable<void> {
        net::Refusals refusals("no", 50ms);
        for (int round = 0; round < rounds; ++round) {
            bool later = false;
            for (std::uint32_t user = 0; user < 1000; ++user)
                later = refusals.note(net::Peer{net::PeerKind::other, 2000 + user}, 1) || later;
            CHECK(later);
            co_await refusals.tell_later();
        }
    });
    CHECK(lines.size() <= 2 * rounds); // one of each round's may be the first of a new minute
    for (const auto& line : lines) CHECK(line.size() < 200);
    has(lines.at(1), "refused 999 more clients: ");
}
