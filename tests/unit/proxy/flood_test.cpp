// A worker that sends without pause what costs it nothing, at every point of a connection's life,
// beside a real agent-proxy: that one answers on its control socket, grows no memory, and ends when
// it is told to or its time is up.

#include "unit/proxy/flooding_worker.hpp"

#include "ipc/messages/proxy_commands.hpp"
#include "ipc/socket/blocking_client.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

using namespace agent;
using namespace agent::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto no_answer = 20s;
constexpr std::size_t crowd = 3;

/// A real agent-proxy, started as agentd starts it, and its control socket.
class FloodedProxy {
  public:
    FloodedProxy(const FloodingWorker& worker, std::chrono::seconds lifetime = 1h)
        : process({AGENT_PROXY_PROGRAM, "--id", "flooded"}, options(folder_)) {
        const auto listens = [&] {
            auto connected = ipc::BlockingClient::connect(folder_ / "agentd/proxies/flooded.sock");
            if (connected) control_.emplace(std::move(*connected));
            return control_.has_value();
        };
        REQUIRE(eventually(listens));
        ipc::Serve::Request serve;
        serve.name = "flooded";
        serve.authorization_token = Secret(worker.token(lifetime));
        serve.listen_address = "127.0.0.1";
        serve.cluster_settings = nlohmann::json::object();
        const auto served = control_->call<ipc::Serve>(serve);
        INFO((served ? std::string() : served.error().message));
        REQUIRE(served.has_value());
        port = static_cast<std::uint16_t>(served->proxy.port);
    }
    /// nullopt: no answer within `no_answer`.
    std::optional<ipc::Proxy> describe() {
        const UniqueFd alarm(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
        itimerspec when{};
        when.it_value.tv_sec = no_answer / 1s;
        ::timerfd_settime(alarm.get(), 0, &when, nullptr);
        ipc::Watched watched;
        watched.fd = alarm.get();
        watched.on_readable = [] { return false; };
        auto described = control_->call<ipc::Describe>({}, watched);
        if (!described) return std::nullopt;
        return described->proxy;
    }
    double milliseconds_used() const {
        return std::stod(read_text("/proc/" + std::to_string(process.pid()) + "/schedstat")) / 1e6;
    }
    long anonymous_kib() const {
        const auto status = read_text("/proc/" + std::to_string(process.pid()) + "/status");
        const auto at = status.find("RssAnon:");
        return at == std::string::npos ? 0 : std::stol(status.substr(at + 8));
    }

  private:
    static Process::Options options(const TempDir& folder) {
        Process::Options options;
        options.environment = {
            {"XDG_RUNTIME_DIR", folder.path()},
            {"HOME", folder.path()},
            {"PATH", "/usr/bin:/bin"},
            {"AGENTD_LOG", "error"}}; // a line for each client fills a pipe that nobody reads yet
        return options;
    }
    TempDir folder_;
    std::optional<ipc::BlockingClient> control_;

  public:
    Process process;
    std::uint16_t port = 0;
};

/// Clients that say hello, take what comes and come again when they are cut off.
class Clients {
  public:
    Clients(std::uint16_t port, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            threads_.emplace_back([this, port] { come_and_go(port); });
    }
    ~Clients() {
        stopping_ = true;
        for (auto& thread : threads_) thread.join();
    }
    /// The floods of FloodStage::closing begin when the client ends: so it stays for a moment only.
    std::atomic<bool> short_lived = false;

  private:
    void come_and_go(std::uint16_t port) {
        std::array<char, 65536> bytes;
        while (!stopping_) {
            const auto fd = connect_loopback(port);
            if (!fd) return;
            const timeval patience{0, 50'000};
            ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            send_all(fd.get(), "hello");
            const auto until = Clock::now() + 100ms;
            while (!stopping_ && !(short_lived && Clock::now() >= until)) {
                const auto count = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
                if (count == 0 || (count < 0 && errno != EAGAIN)) break;
            }
            if (short_lived) return; // one connection each in its last seconds, not hundreds
        }
    }
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> threads_;
};

struct Answers {
    std::vector<double> milliseconds; ///< in order of size
    long most_kib = 0;
    double part(double of) const {
        return milliseconds.at(static_cast<std::size_t>(of * double(milliseconds.size() - 1)));
    }
};

/// What counts is how long the program itself took over other things before it answered: on a
/// machine with too much to do it waits for the processor as well, flood or none.
void ask_once(FloodedProxy& proxy, Answers& answers) {
    const auto before = proxy.milliseconds_used();
    const auto described = proxy.describe();
    REQUIRE(described.has_value());
    answers.milliseconds.push_back(proxy.milliseconds_used() - before);
    answers.most_kib = std::max(answers.most_kib, proxy.anonymous_kib());
}

/// `beside`: one that nobody floods, on the same machine at the same time.
void ask(FloodedProxy& proxy, Answers& answers, FloodedProxy& beside, Answers& calm) {
    for (const auto end = Clock::now() + 1s; Clock::now() < end;) {
        ask_once(proxy, answers);
        ask_once(beside, calm);
        std::this_thread::sleep_for(5ms);
    }
}

FloodPlan random_plan(std::mt19937& dice, FloodStage stage) {
    FloodPlan plan;
    plan.stage = stage;
    for (auto count = 1 + dice() % 3; count > 0; --count)
        plan.floods.push_back(static_cast<Flood>(dice() % flood_kinds));
    return plan;
}

std::string text_of(const FloodPlan& plan) {
    std::string text = name_of(plan.stage);
    for (const auto flood : plan.floods) text += std::string(", ") + name_of(flood);
    return text;
}

} // namespace

TEST_CASE("flood: under any mix of a worker's floods the control socket answers and memory stays "
          "as it was") {
    FloodingWorker worker;
    FloodedProxy proxy(worker);
    FloodingWorker friendly;
    FloodedProxy beside(friendly);
    Answers before;
    Answers calm;
    { // all that is needed once is there
        const Clients clients(proxy.port, crowd);
        ask(proxy, before, beside, calm);
    }
    Answers answers;
    std::mt19937 dice(4711);
    for (int round = 0; round < 20; ++round) {
        const auto plan = random_plan(dice, static_cast<FloodStage>(round % 5));
        INFO(text_of(plan));
        worker.plan(plan);
        const auto sent = worker.bytes_sent();
        Answers these;
        {
            Clients clients(proxy.port, crowd);
            clients.short_lived = plan.stage == FloodStage::closing;
            ask(proxy, these, beside, calm);
        }
        CHECK(worker.bytes_sent() > sent);
        worker.plan({});
        worker.cut();
        std::ranges::sort(these.milliseconds);
        std::printf("%s: %.1f MB; %zu answers, half within %.1f ms, 95%% within %.1f ms, all "
                    "within %.0f ms; %+ld KiB\n",
                    text_of(plan).c_str(), double(worker.bytes_sent() - sent) / 1e6,
                    these.milliseconds.size(), these.part(0.5), these.part(0.95), these.part(1),
                    these.most_kib - before.most_kib);
        std::fflush(stdout);
        answers.milliseconds.insert(answers.milliseconds.end(), these.milliseconds.begin(),
                                    these.milliseconds.end());
        // The first five floods, one of each stage, find the heap as small as an honest worker
        // leaves it.
        long& most = round < 5 ? before.most_kib : answers.most_kib;
        most = std::max(most, these.most_kib);
    }
    std::ranges::sort(answers.milliseconds);
    std::ranges::sort(calm.milliseconds);
    std::printf("beside it, unflooded: half within %.1f ms, 95%% within %.1f ms\n", calm.part(0.5),
                calm.part(0.95));
#ifdef __SANITIZE_ADDRESS__ // it takes its time, and keeps 256 MiB of what is freed
    constexpr double slow = 1'000;
    constexpr long kept_kib = 512 * 1024;
#else
    constexpr double slow = 100;
    constexpr long kept_kib = 0;
#endif
    CHECK(answers.part(0.95) <= slow);
    CHECK(answers.part(1) <= 10 * slow);
    // A block of 68 KiB for each direction of each connection, OpenSSL's 64 KiB, and what an
    // allocator rounds up.
    CHECK(answers.most_kib - before.most_kib <= 1024 + kept_kib);
}

TEST_CASE("flood: what a worker has no reason to send without end is named as the reason why it "
          "was given up") {
    FloodingWorker worker;
    FloodedProxy proxy(worker);
    const auto after = [&](Flood flood, FloodStage stage, const std::string& expected) {
        FloodPlan plan;
        plan.stage = stage;
        plan.floods = {flood};
        worker.cut();
        worker.plan(plan);
        const Clients clients(proxy.port, 1);
        std::string told;
        const auto as_expected = [&] {
            const auto now = proxy.describe();
            REQUIRE(now.has_value());
            told = now->last_failure;
            return told == expected;
        };
        (void)eventually(as_expected);
        return told;
    };
    const std::string tls =
        "read from " + worker.address() +
        ": it sends key updates or session tickets without end, and was given up";
    const std::string frames =
        worker.address() + " broke the WebSocket protocol: frames that carry nothing, without end";
    for (const auto flood : {Flood::key_updates, Flood::answered_key_updates, Flood::tickets}) {
        INFO(name_of(flood));
        CHECK(after(flood, FloodStage::carrying, tls) == tls);
        CHECK(after(flood, FloodStage::before_result, tls) == tls);
    }
    CHECK(after(Flood::key_updates, FloodStage::before_upgrade, tls) == tls);
    for (const auto flood : {Flood::empty_frames, Flood::pongs, Flood::pings}) {
        INFO(name_of(flood));
        CHECK(after(flood, FloodStage::carrying, frames) == frames);
    }
}

TEST_CASE("flood: SIGTERM ends an agent-proxy whose worker floods it") {
    FloodingWorker worker;
    FloodedProxy proxy(worker);
    const auto flood =
        GENERATE(Flood::one_byte_frames, Flood::one_byte_records, Flood::empty_frames);
    FloodPlan plan;
    plan.stage = FloodStage::carrying;
    plan.floods = {flood};
    worker.plan(plan);
    const Clients clients(proxy.port, crowd);
    REQUIRE(eventually([&] { return worker.bytes_sent() > 1'000'000; }));
    proxy.process.signal(SIGTERM);
    CHECK(proxy.process.wait(15s).exit ==
          0); // of which 5 s are for cancelling the session through this very worker
}

TEST_CASE("flood: a session's end ends an agent-proxy whose worker floods it") {
    FloodingWorker worker;
    FloodedProxy proxy(worker, 4s);
    FloodPlan plan;
    plan.stage = FloodStage::carrying;
    plan.floods = {Flood::one_byte_frames};
    worker.plan(plan);
    const Clients clients(proxy.port, crowd);
    REQUIRE(eventually([&] { return worker.bytes_sent() > 1'000'000; }));
    CHECK(proxy.process.wait(30s).exit == 0);
}
