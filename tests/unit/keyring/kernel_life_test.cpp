// How long the kernel, and the process's own memory, keep a login, and who may read it meanwhile.

#include "base/random.hpp"
#include "keyring/kernel.hpp"
#include "keyring/memory.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <keyutils.h>

#include <cstdlib>

using namespace agent;
using namespace agent::keyring;
using namespace std::chrono_literals;

namespace {

const Key first_key{"http://127.0.0.1:9200", "default"}, two{"http://127.0.0.1:9201", "default"};

struct KernelWorld {
    const std::string prefix = "test:" + random_base62(8) + ":";
    KernelKeyring keyring{prefix};
    bool works = keyring.probe().has_value();
    ~KernelWorld() {
        for (const Key& key : keyring.list()) (void)keyring.remove(key);
    }
};

/// "type;uid;gid;permissions;description" of the key whose description ends so.
std::string described(const std::string& end) {
    void* serials = nullptr;
    const long size = ::keyctl_read_alloc(KEY_SPEC_USER_KEYRING, &serials);
    std::string found;
    for (long at = 0; at + static_cast<long>(sizeof(key_serial_t)) <= size;
         at += sizeof(key_serial_t)) {
        key_serial_t serial = 0;
        std::memcpy(&serial, static_cast<const char*>(serials) + at, sizeof serial);
        char* text = nullptr;
        if (::keyctl_describe_alloc(serial, &text) < 0) continue;
        if (std::string(text).ends_with(end)) found = text;
        std::free(text);
    }
    std::free(serials);
    return found;
}

} // namespace

TEST_CASE("kernel keyring: a login is there until it ends, and one without an end stays") {
    KernelWorld world;
    if (!world.works) return;
    REQUIRE(world.keyring.store(first_key, Secret("short"), wall_now() + 1s).has_value());
    REQUIRE(world.keyring.store(two, Secret("long"), std::nullopt).has_value());
    CHECK(world.keyring.load(first_key)->has_value());
    CHECK(test::eventually([&] { return !world.keyring.load(first_key)->has_value(); }));
    const auto kept = world.keyring.load(two);
    REQUIRE((kept && *kept));
    CHECK((**kept).reveal() == "long");
}

TEST_CASE("kernel keyring: a login that is stored again has the new value and the new end") {
    KernelWorld world;
    if (!world.works) return;
    REQUIRE(world.keyring.store(first_key, Secret("first"), wall_now() + 1s).has_value());
    REQUIRE(world.keyring.store(first_key, Secret("second"), wall_now() + 1h).has_value());
    CHECK(world.keyring.list().size() == 1);
    CHECK_FALSE(
        test::eventually([&] { return !world.keyring.load(first_key)->has_value(); }, 1500ms));
    CHECK((**world.keyring.load(first_key)).reveal() == "second");
}

TEST_CASE("kernel keyring: its owner may do all with a login, nobody else anything") {
    KernelWorld world;
    if (!world.works) return;
    REQUIRE(world.keyring.store(first_key, Secret("secret"), std::nullopt).has_value());
    const std::string text = described(world.prefix + "default@http://127.0.0.1:9200");
    if (text.empty()) return;              // the user's keyring is elsewhere here
    const std::string mark = ";3f3f0000;"; // possessor and user: all; group and others: none
    INFO(text);
    CHECK(text.find(mark) != std::string::npos);
}

TEST_CASE("kernel keyring: a removed login is gone, and removing it again says so") {
    KernelWorld world;
    if (!world.works) return;
    REQUIRE(world.keyring.store(first_key, Secret("secret"), std::nullopt).has_value());
    const auto first = world.keyring.remove(first_key);
    REQUIRE(first.has_value());
    CHECK(*first);
    CHECK_FALSE(world.keyring.load(first_key)->has_value());
    const auto second = world.keyring.remove(first_key);
    REQUIRE(second.has_value());
    CHECK_FALSE(*second);
    CHECK(world.keyring.list().empty());
}

TEST_CASE("memory keyring: what has ended is neither given nor listed") {
    MemoryKeyring keyring;
    REQUIRE(keyring.store(first_key, Secret("over"), wall_now() - 1s).has_value());
    REQUIRE(keyring.store(two, Secret("long"), wall_now() + 1h).has_value());
    CHECK_FALSE(keyring.load(first_key)->has_value());
    CHECK(keyring.load(two)->has_value());
    REQUIRE(keyring.store(first_key, Secret("over"), wall_now() - 1s).has_value());
    REQUIRE(keyring.list().size() == 1);
    CHECK(keyring.list()[0].address == two.address);
    CHECK_FALSE(*keyring.remove(Key{"http://nowhere", "default"}));
    CHECK(*keyring.remove(two));
    CHECK(keyring.list().empty());
}
