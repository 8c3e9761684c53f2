// main() of every test program: Catch2 v2 makes it of this, v3 brings it in its library.
#define CATCH_CONFIG_MAIN
#include "support/catch.hpp"
