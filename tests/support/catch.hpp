#pragma once
// The one place that names the test framework: Catch2 as packaged, v2 in Debian 12 and v3 in Debian
// 13, kept to what both have (TEST_CASE, SECTION, GENERATE, CHECK, REQUIRE, INFO).
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#else
#include <catch2/catch.hpp>
#endif
