#pragma once
// Text that others wrote (controllers, workers, programs), made fit for a terminal, a notification
// or a log: it can neither steer the terminal, nor run backwards, nor hide a part of itself.

#include <string>
#include <string_view>

namespace agent {

/// Control characters and ends of lines become spaces. What is not UTF-8, what turns the direction
/// of writing and what has no width becomes U+FFFD; variation selectors, which only choose a
/// picture, are left out.
std::string printable(std::string_view text);
/// The same, but ends of lines stay.
std::string printable_lines(std::string_view text);

} // namespace agent
