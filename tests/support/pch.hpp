#pragma once
// Precompiled for the tests that do not use Asio. Each source still includes what it uses.

#include "base/pch.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>
