#pragma once
// StrictTable: one TOML table read member by member, where every surprise is an error with its line
// and column. load_config.cpp asks for the members it knows and calls finish(), which refuses the
// rest.

#include "base/error.hpp"
#include "base/toml.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace devserver {

/// Thrown inside load_config.cpp only, and turned into a Result at its door.
struct ConfigProblem {
    toml::source_position at;
    std::string text;
};

class StrictTable {
  public:
    /// `kind` names the entry in messages: "target".
    StrictTable(const toml::table& table, std::string_view kind) : table_(table), kind_(kind) {}

    std::string text(std::string_view key);                           ///< required, not empty
    std::string text_or(std::string_view key, std::string otherwise); ///< optional
    std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
    std::vector<std::string> texts(std::string_view key); ///< optional array of strings
    const toml::table* table(std::string_view key);       ///< optional
    const toml::array& list(std::string_view key);        ///< required
    bool has(std::string_view key) const { return table_.contains(key); }
    /// Refuses members that nobody asked for.
    void finish() const;

    /// Where the member is, or the table when it is missing.
    toml::source_position position(std::string_view key) const;
    [[noreturn]] void refuse(std::string_view key, std::string_view why) const;

  private:
    const toml::node* find(std::string_view key);

    const toml::table& table_;
    std::string_view kind_;
    std::set<std::string, std::less<>> known_;
};

} // namespace devserver
