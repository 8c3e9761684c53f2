// Logins: where a login is kept, what happens when a keyring refuses, appears later or is locked.

#include "keyring/logins.hpp"

#include "async/with_timeout.hpp"
#include "keyring/immediate.hpp"
#include "keyring/memory.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <utility>

using namespace agent;
using namespace agent::keyring;

namespace {

const Key cluster{"https://one.example", "default"};

/// A keyring whose service comes and goes.
class MoodyKeyring final : public Keyring {
  public:
    MoodyKeyring(std::string name, std::string why) : why(std::move(why)), name_(std::move(name)) {}
    std::string_view name() const override { return name_; }
    awaitable<Status> store(Key key, Secret value, std::optional<WallTime> expires) override {
        if (!refuses.empty()) co_return fail(Errc::keyring_failed, Hop::login, refuses);
        const auto meanwhile = std::exchange(while_storing, nullptr);
        if (meanwhile) co_await meanwhile();
        co_return kept.store(key, value, expires);
    }
    awaitable<Result<std::optional<Secret>>> load(Key key) override {
        is_locked = false; // somebody typed the passphrase
        co_return kept.load(key);
    }
    awaitable<Result<bool>> remove(Key key) override {
        ++removed;
        co_return kept.remove(key);
    }
    awaitable<Result<std::vector<Key>>> list() override {
        Result<std::vector<Key>> keys = std::vector<Key>();
        if (!is_locked) keys = kept.list();
        co_return keys;
    }
    bool locked() const override { return is_locked; }
    std::string unusable() const override { return why; }

    MemoryKeyring kept;
    std::string why, refuses;
    std::function<awaitable<void>()> while_storing; ///< happens once, before the next one is kept
    bool is_locked = false;
    int removed = 0;

  private:
    std::string name_;
};

struct World {
    MoodyKeyring* service = nullptr;
    MoodyKeyring* kernel = nullptr;
    std::unique_ptr<Logins> logins;

    explicit World(boost::asio::io_context& context, std::string service_unusable = {}) {
        auto first = std::make_unique<MoodyKeyring>("secret-service", std::move(service_unusable));
        auto second = std::make_unique<MoodyKeyring>("kernel", "");
        service = first.get();
        kernel = second.get();
        std::vector<std::unique_ptr<Keyring>> order;
        order.push_back(std::move(first));
        order.push_back(std::move(second));
        order.push_back(std::make_unique<Immediate<MemoryKeyring>>(MemoryKeyring()));
        logins = std::make_unique<Logins>(context.get_executor(), std::move(order));
    }
    awaitable<Result<Logins::Stored>> store(std::string asked = {}, std::string text = "one") {
        Secret value(std::move(text));
        co_return co_await logins->store(cluster, value, std::nullopt, asked);
    }
};

std::size_t count(MemoryKeyring& keyring) {
    return keyring.list().size();
}

template <class Story> void tell(Story story, std::string service_unusable = {}) {
    test::run([&](boost::asio::io_context& context) -> awaitable<void> {
        World world(context, service_unusable);
        co_await story(world);
        co_await world.logins->stop();
    });
}

} // namespace

TEST_CASE("logins: the best keyring keeps a login, and memory answers") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        CHECK(stored->keyring == "secret-service");
        CHECK(stored->warning.empty());
        CHECK(count(world.service->kept) == 1);
        CHECK(count(world.kernel->kept) == 0);
        const auto found = co_await world.logins->find(cluster);
        REQUIRE(found.has_value());
        REQUIRE(found->has_value());
        CHECK((*found)->reveal() == "one");
    };
    tell(story);
}

TEST_CASE("logins: what the best keyring refuses is kept in the next one, with a warning") {
    auto story = [](World& world) -> awaitable<void> {
        world.service->refuses = "the service is on fire";
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        CHECK(stored->keyring == "kernel");
        CHECK(stored->warning == "the service is on fire");
        const auto only_there = co_await world.store("secret-service");
        REQUIRE_FALSE(only_there.has_value());
        CHECK(only_there.error().code == Errc::keyring_failed);
    };
    tell(story);
}

TEST_CASE("logins: a keyring that appears later gets what was kept further down") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        CHECK(stored->keyring == "kernel");
        world.service->why.clear();
        world.logins->became_usable(*world.service);
        for (int i = 0; i < 100 && count(world.kernel->kept) > 0; ++i)
            co_await boost::asio::post(boost::asio::use_awaitable);
        CHECK(count(world.kernel->kept) == 0);
        CHECK(count(world.service->kept) == 1);
        const auto held = world.logins->list();
        REQUIRE(held.size() == 1);
        CHECK(held[0].keyring == "secret-service");
    };
    tell(story, "there is no session bus");
}

TEST_CASE("logins: what was moved on purpose stays where it is") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        const auto moved = co_await world.logins->move("kernel");
        REQUIRE(moved.has_value());
        CHECK(*moved == 1);
        CHECK(count(world.service->kept) == 0);
        CHECK(world.logins->in_use() == "kernel");
        world.logins->became_usable(*world.service);
        for (int i = 0; i < 20; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
        CHECK(count(world.kernel->kept) == 1);
        const auto nowhere = co_await world.logins->move("nosuch");
        REQUIRE_FALSE(nowhere.has_value());
        CHECK(nowhere.error().code == Errc::invalid_argument);
    };
    tell(story);
}

TEST_CASE("logins: who logs in while the logins are moved is not undone by the move") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto before = co_await world.store("kernel");
        REQUIRE(before.has_value());
        auto meanwhile = [&world]() -> awaitable<void> {
            const auto after = co_await world.store("kernel", "two");
            CHECK(after.has_value());
        };
        world.service->while_storing = meanwhile;
        const auto moved = co_await world.logins->move("secret-service");
        REQUIRE(moved.has_value());
        const auto kept = world.service->kept.load(cluster);
        REQUIRE((kept && *kept));
        CHECK((*kept)->reveal() == "two");
        CHECK(count(world.kernel->kept) == 0);
        const auto found = co_await world.logins->find(cluster);
        REQUIRE((found && *found));
        CHECK((*found)->reveal() == "two");
    };
    tell(story);
}

TEST_CASE("logins: an earlier agentd's logins are found, a locked one when it is asked for") {
    auto story = [](World& world) -> awaitable<void> {
        REQUIRE(world.service->kept.store(cluster, Secret("earlier"), std::nullopt).has_value());
        world.service->is_locked = true;
        world.logins->start();
        co_await world.logins->ready();
        CHECK(world.logins->list().empty());
        const auto found = co_await world.logins->find(cluster);
        REQUIRE(found.has_value());
        REQUIRE(found->has_value());
        CHECK((*found)->reveal() == "earlier");
        CHECK(world.logins->list().size() == 1);
    };
    tell(story);
}

TEST_CASE("logins: an expired login is gone, and forgotten in its keyring") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        Secret value("old");
        const auto stored = co_await world.logins->store(
            cluster, value, wall_now() - std::chrono::seconds(1), std::string());
        REQUIRE(stored.has_value());
        const auto found = co_await world.logins->find(cluster);
        REQUIRE(found.has_value());
        CHECK_FALSE(found->has_value());
        CHECK(world.logins->list().empty());
    };
    tell(story);
}

TEST_CASE("logins: a removed login is nowhere") {
    auto story = [](World& world) -> awaitable<void> {
        REQUIRE(world.kernel->kept.store(cluster, Secret("left behind"), std::nullopt).has_value());
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        const auto removed = co_await world.logins->remove(cluster);
        REQUIRE(removed.has_value());
        CHECK(*removed);
        CHECK(count(world.kernel->kept) == 0);
        CHECK(count(world.service->kept) == 0);
        const auto again = co_await world.logins->remove(cluster);
        REQUIRE(again.has_value());
        CHECK_FALSE(*again);
    };
    tell(story);
}

TEST_CASE(
    "logins: who logs out while the logins are moved is logged out in the new keyring as well") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto before = co_await world.store("kernel");
        REQUIRE(before.has_value());
        auto meanwhile = [&world]() -> awaitable<void> {
            const auto removed = co_await world.logins->remove(cluster);
            CHECK((removed && *removed));
        };
        world.service->while_storing = meanwhile;
        const auto moved = co_await world.logins->move("secret-service");
        REQUIRE(moved.has_value());
        CHECK(count(world.service->kept) == 0);
        CHECK(count(world.kernel->kept) == 0);
        const auto found = co_await world.logins->find(cluster);
        REQUIRE(found.has_value());
        CHECK_FALSE(found->has_value());
    };
    tell(story);
}

TEST_CASE("logins: a new login that is kept elsewhere leaves no old one behind in the keyring it "
          "was in") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto first = co_await world.store();
        REQUIRE(first.has_value());
        REQUIRE(count(world.service->kept) == 1);
        const auto second = co_await world.store("kernel", "two");
        REQUIRE(second.has_value());
        CHECK(count(world.service->kept) == 0);
        CHECK(count(world.kernel->kept) == 1);
    };
    tell(story);
}

TEST_CASE("logins: one that expired while it was locked away is no login") {
    auto story = [](World& world) -> awaitable<void> {
        const std::string text =
            R"({"id":"at_1","token":"at_1_x","expiration_time":"2020-01-01T00:00:00Z"})";
        REQUIRE(world.service->kept.store(cluster, Secret(text), std::nullopt).has_value());
        world.service->is_locked = true;
        world.logins->start();
        co_await world.logins->ready();
        const auto found = co_await world.logins->find(cluster);
        REQUIRE(found.has_value());
        CHECK_FALSE(found->has_value());
        CHECK(world.logins->list().empty());
    };
    tell(story);
}

TEST_CASE("logins: one that ends in the year 9999 is one") {
    auto story = [](World& world) -> awaitable<void> {
        const std::string text =
            R"({"id":"at_1","token":"at_1_x","expiration_time":"9999-12-31T23:59:59Z"})";
        REQUIRE(world.service->kept.store(cluster, Secret(text), std::nullopt).has_value());
        world.logins->start();
        const auto found = co_await world.logins->find(cluster);
        REQUIRE((found && *found));
        CHECK((*found)->reveal() == text);
    };
    tell(story);
}

TEST_CASE("logins: a keyring that cannot be used now is asked for nothing, and keeps what it has") {
    auto story = [](World& world) -> awaitable<void> {
        world.kernel->why = "the kernel has none";
        world.service->refuses = "the service is on fire";
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        CHECK(stored->keyring == "memory");
        CHECK(count(world.kernel->kept) == 0);
        CHECK(stored->warning == "the service is on fire");
    };
    tell(story);
}

TEST_CASE("logins: a logout reaches the keyring that a login is in, although it cannot be used for "
          "new ones now") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        REQUIRE(count(world.service->kept) == 1);
        world.service->why = "it is going away";
        const auto removed = co_await world.logins->remove(cluster);
        REQUIRE(removed.has_value());
        CHECK(*removed);
        CHECK(count(world.service->kept) == 0);
    };
    tell(story);
}

TEST_CASE("logins: where they were moved is told, for the next agentd, and a move that fails is "
          "not") {
    auto story = [](World& world) -> awaitable<void> {
        std::vector<std::string> told;
        world.logins->prefer("", [&](const std::string& name) { told.push_back(name); });
        world.logins->start();
        const auto stored = co_await world.store("kernel");
        REQUIRE(stored.has_value());
        world.service->refuses = "the service is on fire";
        const auto refused = co_await world.logins->move("secret-service");
        CHECK_FALSE(refused.has_value());
        CHECK(told.empty());
        CHECK(count(world.kernel->kept) == 1); // still where it was
        const auto moved = co_await world.logins->move("memory");
        REQUIRE(moved.has_value());
        CHECK(*moved == 1);
        CHECK(told == std::vector<std::string>{"memory"});
        CHECK(count(world.kernel->kept) == 0);
        CHECK(world.logins->in_use() == "memory");
    };
    tell(story);
}

TEST_CASE("logins: a new login goes where the last move went") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->prefer("kernel", [](const std::string&) {});
        world.logins->start();
        const auto stored = co_await world.store();
        REQUIRE(stored.has_value());
        CHECK(stored->keyring == "kernel");
        world.kernel->why = "the kernel has none";
        const auto later = co_await world.store({}, "two");
        REQUIRE(later.has_value());
        CHECK(later->keyring == "secret-service");
    };
    tell(story);
}

TEST_CASE("logins: one that expires is forgotten in its keyring as well") {
    auto story = [](World& world) -> awaitable<void> {
        world.logins->start();
        Secret value("old");
        const auto stored = co_await world.logins->store(
            cluster, value, wall_now() + std::chrono::milliseconds(50), std::string());
        REQUIRE(stored.has_value());
        for (int i = 0; i < 1000 && !world.logins->list().empty(); ++i)
            co_await async::sleep_for(std::chrono::milliseconds(5));
        CHECK(world.logins->list().empty());
        for (int i = 0; i < 100; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
        CHECK(world.service->removed == 1);
    };
    tell(story);
}
