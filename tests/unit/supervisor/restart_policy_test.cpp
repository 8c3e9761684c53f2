#include "agentd/supervisor/restart_policy.hpp"

#include "support/catch.hpp"

#include <csignal>
#include <vector>

using namespace std::chrono_literals;
using supervisor::RestartPolicy;
using Next = RestartPolicy::Next;

namespace {

int exited(int status) {
    return status << 8; // as wait(2) has it
}

RestartPolicy::Life life(int status, bool ready = true, RestartPolicy::Duration ready_for = 0ms) {
    RestartPolicy::Life one;
    one.status = status;
    one.was_ready = ready;
    one.ready_for = ready_for;
    return one;
}

std::vector<int> pauses(RestartPolicy& policy, const RestartPolicy::Life& each, int lives) {
    std::vector<int> found;
    for (int i = 0; i < lives; ++i) {
        const auto decision = policy.after(each);
        CHECK(decision.next == Next::again);
        found.push_back(static_cast<int>(decision.pause.count()));
    }
    return found;
}

} // namespace

TEST_CASE("restart policy: status 0 and a signal that asks are the end, everything else is not") {
    for (const int wanted : {exited(0), SIGTERM, SIGINT, SIGHUP})
        CHECK(RestartPolicy().after(life(wanted)).next == Next::finished);
    for (const int crash : {exited(1), exited(2), exited(127), SIGKILL, SIGSEGV, SIGABRT, SIGPIPE})
        CHECK(RestartPolicy().after(life(crash)).next == Next::again);
}

TEST_CASE("restart policy: a hung one is started again, unless it hung while it ended") {
    auto hung = life(SIGKILL);
    hung.was_hung = true;
    CHECK(RestartPolicy().after(hung).next == Next::again);
    hung.wanted = true;
    CHECK(RestartPolicy().after(hung).next == Next::finished);
    auto crashed = life(SIGSEGV);
    crashed.wanted = true; // while it ended: its callers wait
    CHECK(RestartPolicy().after(crashed).next == Next::again);
}

TEST_CASE("restart policy: pauses double, up to a second for one that was ready and half a minute "
          "for one that was not") {
    RestartPolicy policy;
    CHECK(pauses(policy, life(SIGKILL), 6) == std::vector{100, 200, 400, 800, 1000, 1000});
    CHECK(pauses(policy, life(exited(1), false), 6) ==
          std::vector{2000, 4000, 8000, 16000, 30000, 30000});
    CHECK(pauses(policy, life(SIGKILL), 2) == std::vector{1000, 1000});
}

TEST_CASE("restart policy: two good seconds, and the pauses begin anew") {
    RestartPolicy policy;
    pauses(policy, life(SIGKILL), 5);
    CHECK(pauses(policy, life(SIGKILL, true, 1999ms), 1) == std::vector{1000});
    CHECK(pauses(policy, life(SIGKILL, true, 2000ms), 1) == std::vector{100});
    CHECK(pauses(policy, life(SIGKILL), 1) == std::vector{200});
}

TEST_CASE(
    "restart policy: an error before it was ever ready is the answer, and so is the fifth death") {
    RestartPolicy first;
    const auto failed = first.after(life(exited(7), false));
    CHECK(failed.next == Next::failed);
    CHECK(failed.exit_status == 7);

    RestartPolicy second;
    CHECK(pauses(second, life(SIGSEGV, false), 4) == std::vector{100, 200, 400, 800});
    const auto dead = second.after(life(SIGSEGV, false));
    CHECK(dead.next == Next::failed);
    CHECK(dead.exit_status == 1);

    RestartPolicy third;
    CHECK(third.after(life(SIGSEGV, false)).next == Next::again);
    CHECK(third.after(life(SIGSEGV)).next ==
          Next::again); // it has been ready: somebody may wait at what it left
    for (int i = 0; i < 100; ++i) CHECK(third.after(life(exited(7), false)).next == Next::again);
}
