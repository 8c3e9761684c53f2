#pragma once
// Where exceptions end: what one means to people. The environment's (no memory, no descriptors) is
// an error like any other, with a next step; only what is left is a bug. No library's file name
// gets out.

#include "base/error.hpp"

#include <exception>
#include <string>

namespace agent {

/// What a person reads of it, in one line.
std::string one_line(const Error& error);

/// Of the exception in flight: only inside a catch block.
Error caught();
/// The same, in one line for a log.
std::string caught_text();
/// This machine is short of something, now: worth going on afterwards.
bool is_shortage(const std::exception& problem);

} // namespace agent
