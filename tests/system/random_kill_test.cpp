// kill -9 of agentd and of agent-proxies at random moments, while clients transfer data and compare
// every byte. An agent-supervisor holds what they leave, so nobody may be refused. By default a few
// rounds; AGENT_KILL_ROUNDS=500 system_random_kill_test is the long run whose figures are in
// tests/README.md. AGENT_KILL_SEED repeats a run's choices.

#include "kept_proxy.hpp"
#include "state/state_store.hpp"

#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

int number_in(const char* variable, int otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::atoi(text);
}

/// One proxy and the client that uses it all the time.
struct Lane {
    std::string name;
    std::uint16_t port = 0;
    std::atomic<int> kills =
        0; ///< of its process, twice: odd from before the signal until it is dead
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<int> connections = 0, lost = 0, refused = 0;
    std::atomic<int> violations =
        0; ///< wrong bytes, one that was refused, one that ended although nobody killed its proxy
};

std::string piece(std::mt19937& random) {
    std::string bytes(1000 + random() % 60'000, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

/// Connects, sends and compares until it is told to stop.
void use(Lane& lane, const std::atomic<bool>& stop, unsigned seed) {
    std::mt19937 random(seed);
    while (!stop) {
        const int kills = lane.kills;
        const auto connection = connect_loopback(lane.port);
        if (!connection) {
            std::printf("%s: a connection was refused, kills %d\n", lane.name.c_str(),
                        lane.kills.load());
            ++lane.refused;
            ++lane.violations;
            std::this_thread::sleep_for(20ms);
            continue;
        }
        ++lane.connections;
        const auto pieces = 1 + random() % 40;
        for (unsigned i = 0; i < pieces && !stop; ++i) {
            const auto sent = piece(random);
            std::thread sender([&] { send_all(connection.get(), sent); });
            auto back = receive_patiently(connection.get(), 1,
                                          60s); // it may wait in the queue for the next process
            if (!back.empty()) back += receive_exactly(connection.get(), sent.size() - 1);
            sender.join();
            if (back == sent) {
                lane.bytes += sent.size();
                continue;
            }
            const bool prefix =
                back.size() < sent.size() && sent.compare(0, back.size(), back) == 0;
            const bool killed =
                lane.kills != kills || kills % 2 == 1; // since it was opened, or just then
            if (!prefix || !killed) {
                std::printf("%s: a connection ended after %zu of %zu bytes, kills %d\n",
                            lane.name.c_str(), back.size(), sent.size(), lane.kills.load());
                ++lane.violations;
            }
            ++lane.lost;
            break;
        }
    }
}

pid_t holder(const DevEnvironment& world, const std::string& name) {
    std::ifstream lock(world.folder() / ("run/agentd/" + name));
    pid_t pid = 0;
    lock >> pid;
    return pid > 0 && ::kill(pid, 0) == 0 ? pid : 0;
}

/// The number behind `words` where they stand last; -1: nowhere.
int last_number(const std::string& text, const std::string& words) {
    const auto at = text.rfind(words);
    return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + words.size());
}

/// The size of its table of descriptors, which doubles when it is full: the table itself nobody
/// else may read.
int files_of(pid_t pid) {
    return last_number(read_text("/proc/" + std::to_string(pid) + "/status"), "FDSize:\t");
}

/// As `agentctl list` shows it; null when it does not run. The agentd that it reaches may be one
/// that is dying.
agent::Json shown(DevEnvironment& world, const std::string& name) {
    for (int tries = 0; tries < 10; ++tries) {
        const auto ended = world.agentctl({"list", "-format", "json"}, 60s);
        if (ended.exit != 0) continue;
        const auto items = agent::Json::parse(ended.out).at("items");
        for (const auto& one : items)
            if (one.at("name") == name) return one;
        return nullptr;
    }
    FAIL("agentctl list failed ten times");
    return nullptr;
}

void kill_hard(pid_t pid) {
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0); // ours when its parent has gone: this process is the reaper
    const auto dead = [pid] {
        const auto stat = read_text("/proc/" + std::to_string(pid) + "/stat");
        const auto name_end = stat.rfind(')');
        return name_end == std::string::npos || stat.compare(name_end, 3, ") Z") == 0;
    };
    CHECK(eventually(dead));
}

} // namespace

TEST_CASE("random kill: nothing is lost but the connections of killed proxies") {
    const int rounds = number_in("AGENT_KILL_ROUNDS", 12);
    const auto seed = static_cast<unsigned>(number_in("AGENT_KILL_SEED", 1));
    std::mt19937 random(seed);
    const auto begun = Clock::now();
    KeptProxy it({}, {},
                 [](DevEnvironment& one) { one.environment.erase("AGENTD"); }); // supervised
    auto& world = it.world;
    std::array<Lane, 3> lanes;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        lanes[i].name = "lane-" + std::to_string(i);
        it.keep(lanes[i].name);
        lanes[i].port = it.proxy(lanes[i].name).at("port").get<std::uint16_t>();
    }
    const auto first_supervisor = holder(world, "supervisor.lock");
    REQUIRE(first_supervisor > 0);
    const int first_files = files_of(first_supervisor);
    REQUIRE(first_files > 0);
    std::atomic<bool> stop = false;
    struct Clients {
        std::atomic<bool>& stop;
        std::vector<std::thread> threads;
        void join() {
            stop = true;
            for (auto& one : threads) one.join();
            threads.clear();
        }
        ~Clients() { join(); }
    } clients{stop, {}};
    for (auto& lane : lanes)
        clients.threads.emplace_back([&, s = seed + lane.port] { use(lane, stop, s); });

    int agents_killed = 0, proxies_killed = 0, broken_promises = 0;
    std::vector<pid_t> gone;
    const auto kill_agent = [&] {
        const auto pid = holder(world, "agentd.lock");
        if (pid == 0) return;
        ++agents_killed;
        gone.push_back(pid);
        kill_hard(pid);
    };
    for (int round = 0; round < rounds; ++round) {
        const auto choice = random() % 10;
        auto& lane = lanes[random() % lanes.size()];
        if (choice < 6) { // a proxy
            const auto proxy = shown(world, lane.name);
            const pid_t pid = proxy.is_null() ? 0 : proxy.at("pid").get<pid_t>();
            if (pid > 0) {
                ++lane.kills;
                ++proxies_killed;
                gone.push_back(pid);
                kill_hard(pid);
                ++lane.kills;
            }
        }
        if (choice >= 4) { // agentd, at some moment of whatever it does now
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
            kill_agent();
            if (random() % 3 == 0) { // and the next one, at some moment of its start
                auto starter = world.start_agentctl({"status"});
                std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
                kill_agent();
                starter.wait(20s);
            }
        }
        if (round % 10 == 5) { // a change, acknowledged in the moment before the kill
            const std::string name = "promise-" + std::to_string(round);
            const bool kept =
                world.agentctl({"connect", "-target-id", target_id, "-name", name, "-keep"}, 60s)
                    .exit == 0;
            kill_agent();
            if (kept && !eventually([&] { return !shown(world, name).is_null(); }, 30s))
                ++broken_promises;
            const bool forgotten = world.agentctl({"disconnect", "-forget", name}, 60s).exit == 0;
            kill_agent();
            if (forgotten && !shown(world, name).is_null()) ++broken_promises;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
        (void)world.server_log(); // reads it: a pipe that is full would stop the dev server
        std::erase_if(gone, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
        if (round % 50 == 49) {
            std::printf("round %d after %lld s\n", round + 1,
                        static_cast<long long>((Clock::now() - begun) / std::chrono::seconds(1)));
            std::fflush(stdout);
        }
    }
    // Everything is back, with the ports it had.
    for (auto& lane : lanes) {
        CHECK(eventually(
            [&] {
                const auto connection = connect_loopback(lane.port);
                return connection && it.echoes(connection.get());
            },
            60s));
        CHECK(it.proxy(lane.name).at("port") == lane.port);
    }
    clients.join();

    std::uint64_t bytes = 0;
    int connections = 0, lost = 0, refused = 0, violations = 0;
    for (auto& lane : lanes) {
        bytes += lane.bytes;
        connections += lane.connections;
        lost += lane.lost;
        refused += lane.refused;
        violations += lane.violations;
    }
    std::printf(
        "%d rounds in %lld s: agentd killed %d times, proxies %d times; %d connections, %llu bytes "
        "compared, "
        "%d connections of killed proxies lost, %d refused; %d violations, %d broken promises\n",
        rounds, static_cast<long long>((Clock::now() - begun) / std::chrono::seconds(1)),
        agents_killed, proxies_killed, connections, static_cast<unsigned long long>(bytes), lost,
        refused, violations, broken_promises);
    CHECK(violations == 0);
    CHECK(refused == 0);
    CHECK(broken_promises == 0);
    CHECK(bytes > 0);

    // No session is left behind at the dev server, and the database is whole.
    for (const auto& proxy : world.proxies())
        CHECK(world.agentctl({"disconnect", "-forget", proxy.at("name").get<std::string>()}, 60s)
                  .exit == 0);
    CHECK(eventually([&] { return it.living_sessions() == 0; }, 90s));
    // One supervisor for all of that, which holds no more than at first.
    const auto supervisor = holder(world, "supervisor.lock");
    CHECK(supervisor == first_supervisor);
    CHECK(files_of(supervisor) <= first_files);
    kill_hard(holder(world, "agentd.lock"));
    CHECK(world.proxies().empty());
    const auto log = world.folder() / "state/agentd/agentd.log";
    CHECK(eventually([&] { return last_number(read_text(log), " sockets=") == 0; }, 20s));

    kill_hard(supervisor);
    world.end_agent(SIGKILL);
    agent::state::StateStore store(world.folder() / "state/agentd/state.db");
    CHECK(store.problem().empty());
    CHECK(store.proxies().value().empty());
    CHECK(store.sessions().value().empty());
}
