#pragma once
// Pattern: a regular expression in RE2's common subset, matched in time linear in the subject, because filters come
// from anybody who may list. Byte-wise: "." stands for one byte. filter.cpp calls it for `matches`.

#include "base/result.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace devserver {

class Pattern {
  public:
    /// Literals, ., [classes], ( ), (?: ), |, * + ? {m,n} (also lazy), ^ $, \d \w \s \D \W \S \t \n \r and escaped
    /// signs. Errc::invalid_argument with the position for anything else or a pattern above the limits.
    static agent::Result<Pattern> compile(std::string_view text);
    /// Whether it matches anywhere in `subject`.
    bool found_in(std::string_view subject) const;

  private:
    friend class PatternCompiler;
    enum class Op : std::uint8_t { bytes, split, jump, line_start, line_end, match };
    struct Step {
        Op op = Op::match;
        std::size_t first = 0;  ///< bytes: index in sets_; split, jump: where to go on
        std::size_t second = 0; ///< split: the other way
    };
    void follow(std::size_t step, std::size_t at, std::size_t length, std::vector<std::size_t>& states,
                std::vector<bool>& seen) const;

    std::vector<Step> steps_;
    std::vector<std::bitset<256>> sets_;
};

} // namespace devserver
