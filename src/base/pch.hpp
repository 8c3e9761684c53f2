#pragma once
// Precompiled for every target that does not use Asio. Each source still includes what it uses.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <boost/system/result.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>
