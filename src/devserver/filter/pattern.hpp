#pragma once
// Pattern: a regular expression in RE2's syntax, which is the reference's own. RE2 matches in time
// linear in the subject and within bounded memory; filters come from anybody who may list.
// filter.cpp calls it for `matches`.

#include "base/result.hpp"

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace devserver {

class Pattern {
  public:
    /// Errc::invalid_argument with RE2's reason for what it does not know and for a pattern above
    /// the limits.
    static agent::Result<Pattern> compile(std::string_view text);
    /// Whether it matches anywhere in `subject`.
    bool found_in(std::string_view subject) const;

  private:
    explicit Pattern(std::shared_ptr<const re2::RE2> expression)
        : expression_(std::move(expression)) {}

    std::shared_ptr<const re2::RE2> expression_;
};

} // namespace devserver
