#pragma once
// StrictTable: one TOML table read key by key, where every mistake is told with its place and
// nothing is passed over. config.toml and the dev server's file are read with it; toml++ is seen by
// nobody else.

#include "base/toml.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace agent {

using Keys = std::set<std::string, std::less<>>;

/// Hears of each error: one reader collects them all, another stops at the first.
class TableErrors {
  public:
    virtual ~TableErrors() = default;
    /// `key` of `table` cannot stand there as it does; an empty key: the table as a whole.
    virtual void refused(toml::source_position at, const std::string& table, std::string_view key,
                         std::string_view why) = 0;
    /// Nobody asked for `key`, only for those of `known`.
    virtual void unknown(toml::source_position at, const std::string& table, std::string_view key,
                         const Keys& known) = 0;
};

/// Where an error did not end the reading, what is asked for is as if it were missing.
class StrictTable {
  public:
    /// `name` names the table in messages: "proxy.pg".
    StrictTable(const toml::table& table, std::string name, TableErrors& errors)
        : table_(table), name_(std::move(name)), errors_(errors) {}

    /// An error when it is there and empty.
    std::string text(std::string_view key, std::string otherwise = {});
    std::string required_text(std::string_view key);
    std::string any_text(std::string_view key, std::string otherwise = {}); ///< may be empty
    std::vector<std::string> texts(std::string_view key);                   ///< a list of them
    bool flag(std::string_view key, bool otherwise);
    std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
    /// "30s", "1h5m"; "0" as well, but nothing below it.
    std::optional<std::chrono::milliseconds> duration(std::string_view key);
    const toml::table* table(std::string_view key);               ///< nullptr: none
    std::vector<const toml::table*> tables(std::string_view key); ///< each [[KEY]]
    bool has(std::string_view key) const { return table_.contains(key); }
    /// The keys that nobody asked for are errors.
    void finish();

    void refuse(std::string_view key, std::string_view why);
    void refuse_all(std::string_view why); ///< the table as a whole

  private:
    const toml::node* find(std::string_view key);

    const toml::table& table_;
    std::string name_;
    TableErrors& errors_;
    Keys known_;
};

} // namespace agent
