// Several agents of one user share the kernel's keyring and the desktop's, and each knows only its
// own logins.

#include "keyring/whose.hpp"

#include "base/random.hpp"
#include "keyring/immediate.hpp"
#include "keyring/kernel.hpp"
#include "keyring/logins.hpp"
#include "keyring/memory.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

using namespace agent;
using namespace agent::keyring;
using agent::test::TempDir;

namespace {

const Key shared_cluster{"https://one.example", "default"};

/// An agent whose state is in this folder, as agentd would open its logins.
std::unique_ptr<Logins> open(boost::asio::io_context& context, const std::string& state_folder) {
    std::vector<std::unique_ptr<Keyring>> order;
    order.push_back(std::make_unique<Immediate<KernelKeyring>>(
        KernelKeyring(kernel_prefix(mark_of_agent(state_folder)))));
    order.push_back(std::make_unique<Immediate<MemoryKeyring>>(MemoryKeyring()));
    auto logins = std::make_unique<Logins>(context.get_executor(), std::move(order));
    logins->start();
    return logins;
}

} // namespace

TEST_CASE("whose: moving logins takes those of no other agent of the same user along") {
    ::unsetenv("AGENTD_KEYRING_PREFIX");
    const TempDir one, two;
    auto story = [&](boost::asio::io_context& context) -> awaitable<void> {
        auto first = open(context, one.path());
        Secret value("first");
        const auto stored = co_await first->store(
            shared_cluster, value, wall_now() + std::chrono::minutes(1), std::string());
        REQUIRE(stored.has_value());
        if (stored->keyring == "kernel") {
            auto second = open(context, two.path());
            co_await second->ready();
            CHECK(second->list().empty());
            const auto moved = co_await second->move("memory");
            REQUIRE(moved.has_value());
            CHECK(*moved == 0);
            const auto removed = co_await second->remove(shared_cluster);
            REQUIRE(removed.has_value());
            CHECK_FALSE(*removed);
            co_await second->stop();
            auto again = open(context, one.path()); // it is still there
            const auto found = co_await again->find(shared_cluster);
            CHECK((found && *found));
            co_await again->stop();
        } else {
            WARN("the kernel keeps no keys for us here, so nothing was moved");
        }
        (void)co_await first->remove(shared_cluster);
        co_await first->stop();
    };
    test::run(story);
}

TEST_CASE("whose: the agent with its state in the usual place has the usual names, every other one "
          "names of its own") {
    ::unsetenv("AGENTD_KEYRING_PREFIX");
    const passwd* const self = ::getpwuid(::geteuid());
    REQUIRE(self != nullptr);
    const std::string usual = std::string(self->pw_dir) + "/.local/state/agentd";
    CHECK(mark_of_agent(usual).empty());
    CHECK(kernel_prefix("") == "agentd:login:");
    CHECK(service_schema("") == "org.agentd.Login");
    const TempDir other;
    const std::string mark = mark_of_agent(other.path());
    CHECK_FALSE(mark.empty());
    CHECK_FALSE(kernel_prefix(mark).starts_with("agentd:login:"));
    CHECK(service_schema(mark) != service_schema(""));
    ::setenv("AGENTD_KEYRING_PREFIX", "test:", 1);
    CHECK(mark_of_agent(usual) == "test:");
    CHECK(kernel_prefix("test:") == "test:agentd:login:");
    CHECK(service_schema("test:") != service_schema(""));
    ::unsetenv("AGENTD_KEYRING_PREFIX");
}

TEST_CASE("whose: a key is listed for the agent whose prefix it begins with, not for one whose "
          "prefix is inside it") {
    const std::string inner = "agentd:login:" + random_base62(8) + ":";
    KernelKeyring outside("x;" + inner), inside(inner);
    if (!outside.store(shared_cluster, Secret("one"), wall_now() + std::chrono::minutes(1))) {
        WARN("the kernel keeps no keys for us here");
        return;
    }
    CHECK(outside.list().size() == 1);
    CHECK(inside.list().empty());
    const auto removed = outside.remove(shared_cluster);
    CHECK((removed && *removed));
}
