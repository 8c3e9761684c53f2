#pragma once
// Filter: the `filter` parameter of every list call, in go-bexpr's language over "/item/…"
// selectors:
//     "/item/status" == "active" and not ("prod" in "/item/tags" or "/item/name" matches "^db-")
// The dev server's API parses it once per request and asks matches() for each item.

#include "base/json.hpp"
#include "base/result.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string_view>

namespace devserver {

struct FilterNode;

/// Operators: == != in, not in, contains, not contains, matches, not matches, is empty, is not
/// empty; and, or, not, (
/// ). Selectors: "/item/a/b" (a JSON pointer in quotes) or item.a.b. Values: "text", `raw`, 5, 1.5,
/// true, or a bare word; they are compared as what the item holds. A selector that leads nowhere
/// makes its comparison false (and is empty).
class Filter {
  public:
    bool matches(const agent::Json& item) const;

  private:
    friend agent::Result<Filter> parse_filter(std::string_view text);
    explicit Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}
    std::shared_ptr<const FilterNode> root_;
};

/// Errc::invalid_argument with the position for what does not parse, is longer than 4096 bytes or
/// nests deeper than 64.
agent::Result<Filter> parse_filter(std::string_view text);

} // namespace devserver
