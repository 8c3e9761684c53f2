#include "devserver/filter/pattern.hpp"

#include <re2/re2.h>

namespace devserver {

namespace {

constexpr std::size_t max_pattern_bytes = 512;
constexpr std::int64_t max_memory_bytes = 1 << 20; // of one pattern, compiled and while it matches

} // namespace

agent::Result<Pattern> Pattern::compile(std::string_view text) {
    using agent::Errc;
    using agent::Hop;
    if (text.size() > max_pattern_bytes)
        return agent::fail(Errc::invalid_argument, Hop::local,
                           "regular expression: longer than 512 bytes");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_memory_bytes);
    auto expression =
        std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!expression->ok())
        return agent::fail(Errc::invalid_argument, Hop::local,
                           "regular expression: " + expression->error());
    return Pattern(std::move(expression));
}

bool Pattern::found_in(std::string_view subject) const {
    return re2::RE2::PartialMatch(re2::StringPiece(subject.data(), subject.size()), *expression_);
}

} // namespace devserver
