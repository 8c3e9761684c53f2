// When connections are pinged; what pings find out is in faults_test.cpp.

#include "proxy/keep_alive.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <vector>

using agent::proxy::until_ping;
using namespace std::chrono_literals;

TEST_CASE("keep alive: connections that were opened at different times are soon looked after together") {
    using std::chrono::milliseconds;
    const milliseconds silence = 30s;
    std::vector<milliseconds> heard; // of each connection, whose worker answers at once
    for (int i = 0; i < 100; ++i) heard.emplace_back(i * 289);
    milliseconds now = silence;
    int looks = 0, late = 0;
    for (; now < 20min; ++looks) {
        auto next = now + silence;
        for (auto& at : heard) {
            if (now - at > silence) ++late;
            const auto left = until_ping(now - at, silence);
            if (left > 0ms) {
                next = std::min(next, now + left);
            } else {
                at = now;
            }
        }
        now = next;
    }
    CHECK(late == 0);
    CHECK(looks <= 20 * 2 + 3);
}
