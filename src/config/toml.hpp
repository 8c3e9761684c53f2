#pragma once
// toml++ for config.toml, in a form that a typing mistake cannot abort: its parser asserts (with clang and NDEBUG:
// assumes) that a table's name begins as a name, which "[=]" does not, and behind the assertion it has a good error for
// it.

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
