#pragma once
// StrictTable: one table of config.toml, read key by key. Every surprise becomes a Problem with its
// place, and reading goes on, so that one look finds all mistakes. agent_config.cpp uses it; toml++
// is seen by nobody else.

#include "base/toml.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace agent::config {

struct Problem {
    toml::source_position at;
    std::string text;
};

class StrictTable {
  public:
    /// `what` names the table in messages: "proxy.pg". Problems are appended to `problems`.
    StrictTable(const toml::table& table, std::string what, std::vector<Problem>& problems)
        : table_(table), what_(std::move(what)), problems_(problems) {}

    /// A problem when it is there and empty.
    std::string text(std::string_view key, std::string otherwise = {});
    std::string required_text(std::string_view key);
    bool flag(std::string_view key, bool otherwise);
    std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
    /// "30s", "1h5m"; "0" as well, but nothing below it.
    std::optional<std::chrono::milliseconds> duration(std::string_view key);
    bool has(std::string_view key) const { return table_.contains(key); }
    /// The keys nobody asked for are problems.
    void finish();

    void refuse(std::string_view key, std::string_view why);
    void refuse_all(std::string_view why); ///< the table as a whole

  private:
    const toml::node* find(std::string_view key);

    const toml::table& table_;
    std::string what_;
    std::vector<Problem>& problems_;
    std::set<std::string, std::less<>> known_;
};

} // namespace agent::config
