#pragma once
// Precompiled for the tests that use Asio. Each source still includes what it uses.

#include "async/pch.hpp"
#include "support/pch.hpp"
