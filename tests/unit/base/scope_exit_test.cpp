#include "base/scope_exit.hpp"

#include "support/catch.hpp"

#include <stdexcept>

TEST_CASE("scope exit: its effect happens once, when the scope is left, also by an exception") {
    int happened = 0;
    {
        const agent::ScopeExit counted([&] { ++happened; });
        CHECK(happened == 0);
    }
    CHECK(happened == 1);
    CHECK_THROWS([&] {
        const agent::ScopeExit counted([&] { ++happened; });
        throw std::runtime_error("left");
    }());
    CHECK(happened == 2);
}
