#pragma once
// The one place that names the test framework: Catch2 v2 as packaged, kept to what v3 shares
// (TEST_CASE, SECTION, GENERATE, CHECK, REQUIRE, INFO).
#include <catch2/catch.hpp>
