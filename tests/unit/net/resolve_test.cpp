#include "net/resolve.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <dirent.h>

#include <condition_variable>
#include <map>
#include <mutex>

using namespace agent;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto long_enough = 60s; // never reached by a test that passes

/// A DNS that the test directs: names that begin with "slow" are answered when it says so.
struct Dns {
    std::mutex mutex;
    std::condition_variable changed;
    int answers = 0; ///< to so many more lookups of slow names
    std::map<std::string, int> asked;

    std::size_t slow_ones() {
        const std::lock_guard lock(mutex);
        return std::size_t(std::count_if(asked.begin(), asked.end(),
                                         [](auto& one) { return one.first[0] == 's'; }));
    }
    int times(const std::string& host) {
        const std::lock_guard lock(mutex);
        return asked[host];
    }
    void answer_slow_ones(int count = 1000) {
        const std::lock_guard lock(mutex);
        answers = count;
        changed.notify_all();
    }
};

/// What it answers outlives the test's objects, as a getaddrinfo does that nobody waits for any
/// more.
net::Lookup lookup_of(std::shared_ptr<Dns> dns) {
    return [dns](const std::string& host) -> Result<net::Addresses> {
        std::unique_lock lock(dns->mutex);
        ++dns->asked[host];
        dns->changed.notify_all();
        if (host.starts_with("slow")) {
            dns->changed.wait(lock, [&] { return dns->answers > 0; });
            --dns->answers;
        }
        if (host.starts_with("none")) return fail(Errc::environment, Hop::local, "host not found");
        if (host.starts_with("thrower")) throw std::bad_alloc();
        net::Addresses found;
        found.push_back(boost::asio::ip::make_address("192.0.2.7"));
        return found;
    };
}

struct Stage {
    std::shared_ptr<Dns> dns = std::make_shared<Dns>();
    net::Resolver resolver;
    explicit Stage(std::size_t workers = 4) : resolver(workers, lookup_of(dns)) {}
    ~Stage() { dns->answer_slow_ones(); }

    awaitable<Result<net::Addresses>> ask(std::string host,
                                          std::chrono::milliseconds limit = long_enough) {
        return resolver.resolve(std::move(host), Clock::now() + limit);
    }
    awaitable<void> note(std::string host, std::vector<Result<net::Addresses>>& answers) {
        auto answer = co_await ask(std::move(host));
        answers.push_back(std::move(answer));
    }
    awaitable<void> until(std::function<bool()> reached) {
        while (!reached()) co_await async::sleep_for(2ms);
    }
};

std::size_t threads() {
    std::size_t count = 0;
    DIR* const folder = ::opendir("/proc/self/task");
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count - 2;
}

} // namespace

TEST_CASE("resolver: a name becomes its addresses, and one without an address says why") {
    Stage stage;
    test::run([&](boost::asio::io_context&) -> awaitable<void> {
        const auto found = co_await stage.ask("db.example");
        REQUIRE(found.has_value());
        CHECK(found->front().to_string() == "192.0.2.7");
        const auto none = co_await stage.ask("none.example");
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().message == "host not found");
        const auto failed = co_await stage.ask("thrower.example");
        REQUIRE_FALSE(failed.has_value());
        CHECK(failed.error().code == Errc::limit_exceeded);
    });
}

TEST_CASE("resolver: an address is never looked up, in whichever way it is written") {
    Stage stage;
    test::run([&](boost::asio::io_context&) -> awaitable<void> {
        for (const char* text : {"192.0.2.1", "::1", "2001:db8::1", "fe80::1%lo", "::ffff:10.0.0.1",
                                 "127.1", "0x7f000001"}) {
            const auto found = co_await stage.ask(text);
            INFO(text);
            REQUIRE(found.has_value());
            CHECK(found->size() == 1);
        }
        const auto scoped = co_await stage.ask("fe80::1%lo");
        CHECK(scoped->front().to_v6().scope_id() == 1);
        const auto short_one = co_await stage.ask("127.1");
        CHECK(short_one->front().is_loopback());
    });
    CHECK(stage.dns->asked.empty());
}

TEST_CASE("resolver: the system's own names hold, each address once") {
    const auto found = net::look_up("localhost");
    REQUIRE(found.has_value());
    CHECK(found->front().is_loopback());
    const auto none = net::look_up("no-such-host.invalid");
    REQUIRE_FALSE(none.has_value());
    CHECK_FALSE(none.error().hint.empty());
}

TEST_CASE("resolver: a slow name delays nobody else, and ends at its limit") {
    Stage stage;
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        std::vector<Result<net::Addresses>> slow;
        group.spawn(stage.note("slow.example", slow), "slow");
        co_await stage.until([&] { return stage.dns->times("slow.example") == 1; });
        const auto other = co_await stage.ask("db.example");
        CHECK(other.has_value());
        const auto late = co_await stage.ask("slow.example", 20ms);
        REQUIRE_FALSE(late.has_value());
        CHECK(late.error().code == Errc::timed_out);
        CHECK(slow.empty());
        stage.dns->answer_slow_ones();
        co_await group.drain();
        REQUIRE(slow.size() == 1);
        CHECK(slow[0].has_value());
    });
}

TEST_CASE("resolver: who asks for the same name shares one lookup") {
    Stage stage;
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        std::vector<Result<net::Addresses>> answers;
        for (int i = 0; i < 20; ++i) group.spawn(stage.note("slow.example", answers), "ask");
        co_await stage.until([&] { return stage.dns->times("slow.example") == 1; });
        stage.dns->answer_slow_ones();
        co_await group.drain();
        CHECK(answers.size() == 20);
        for (const auto& answer : answers) CHECK(answer.has_value());
    });
    CHECK(stage.dns->times("slow.example") == 1);
}

TEST_CASE("resolver: whoever is cancelled leaves at once, and what nobody waits for is not begun") {
    Stage stage(1);
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        async::TaskGroup group(context.get_executor());
        std::vector<Result<net::Addresses>> answers;
        group.spawn(stage.note("slow.example", answers), "slow");
        co_await stage.until([&] { return stage.dns->times("slow.example") == 1; });
        group.spawn(stage.note("db.example", answers), "waits for the only worker");
        co_await async::sleep_for(1ms);
        co_await group.stop();
        stage.dns->answer_slow_ones();
        const auto next = co_await stage.ask("next.example");
        CHECK(next.has_value());
    });
    CHECK(stage.dns->times("db.example") == 0);
}

TEST_CASE("resolver: a hundred slow names stop neither one that was quick before nor, for good, "
          "one that is new") {
    Stage stage;
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        const auto before = co_await stage.ask("known.example");
        REQUIRE(before.has_value());
        async::TaskGroup group(context.get_executor());
        std::vector<Result<net::Addresses>> slow;
        for (int i = 0; i < 100; ++i)
            group.spawn(stage.note(fmt::format("slow{}.example", i), slow), "slow");
        co_await stage.until([&] { return stage.dns->slow_ones() == 3; });
        const auto known = co_await stage.ask("known.example");
        CHECK(known.has_value());
        CHECK(stage.dns->slow_ones() == 3); // the fourth worker is not for them
        // The queue has an end, and who falls out of it is told what is the matter.
        co_await stage.until(
            [&] { return slow.size() >= 100 - 3 - net::LookupQueue::max_waiting; });
        CHECK(slow[0].error().code == Errc::limit_exceeded);
        CHECK(slow[0].error().message == "too many names are being looked up at once");
        // A new name waits for one of them, not for all.
        std::vector<Result<net::Addresses>> fresh;
        group.spawn(stage.note("new.example", fresh), "new");
        co_await async::sleep_for(1ms); // it has asked
        CHECK(fresh.empty());
        stage.dns->answer_slow_ones(1);
        co_await stage.until([&] { return fresh.size() == 1; });
        CHECK(fresh[0].has_value());
        CHECK(slow.size() < 90);
        stage.dns->answer_slow_ones();
        co_await group.drain();
    });
}

TEST_CASE("resolver: names that are known to be slow get half of the workers at most") {
    using namespace net;
    boost::asio::io_context context; // outlives the waiters in the queue
    LookupQueue queue;
    queue.set_workers(4);
    const auto now = Clock::now();
    LookupQueue::JobPtr dropped;
    const auto join = [&](const std::string& host) {
        return queue.join(host, std::make_shared<LookupWaiter>(context.get_executor(), now + 1h),
                          dropped);
    };
    std::vector<LookupQueue::JobPtr> jobs;
    for (int i = 0; i < 4; ++i) join("slow" + std::to_string(i));
    for (int i = 0; i < 3; ++i) {
        jobs.push_back(queue.next(now));
        REQUIRE(jobs.back());
    }
    CHECK_FALSE(queue.next(now)); // one is kept for quick names
    for (const auto& job : jobs)
        queue.finish(job, fail(Errc::environment, Hop::local, "x"), now + 5s);
    auto last = queue.next(now + 5s);
    queue.finish(last, fail(Errc::environment, Hop::local, "x"), now + 10s);
    for (int i = 0; i < 4; ++i) join("slow" + std::to_string(i));
    CHECK(queue.next(now + 10s));
    CHECK(queue.next(now + 10s));
    CHECK_FALSE(queue.next(now + 10s));
    join("new"); // a third worker is free for it
    const auto fresh = queue.next(now + 10s);
    REQUIRE(fresh);
    CHECK(fresh->host == "new");
}

TEST_CASE("resolver: its end waits for no lookup, and no thread is made after its beginning") {
    const auto dns = std::make_shared<Dns>();
    const auto before = Clock::now();
    {
        net::Resolver resolver(2, lookup_of(dns));
        const auto made = threads();
        boost::asio::io_context
            context; // its end takes the waiting coroutine along, with the lookup on its way
        auto done = [](std::exception_ptr, auto) {};
        boost::asio::co_spawn(context, resolver.resolve("slow.example", Clock::now() + long_enough),
                              done);
        while (dns->times("slow.example") == 0) context.poll();
        CHECK(threads() <= made); // those of other tests may end meanwhile
        CHECK(resolver.workers() == 2);
    }
    CHECK(Clock::now() - before < long_enough / 2);
    dns->answer_slow_ones();
}
