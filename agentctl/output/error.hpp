#pragma once
// How every command reports what went wrong: to standard error, as a table or one JSON line, with
// the exit code that the error's row in base/error.cpp names.

#include "agentctl/output/format.hpp"
#include "base/error.hpp"

#include <string>

namespace agentctl {

/// What was being done, in the two wordings that scripts know.
struct Attempt {
    std::string performing; ///< "list on targets": after "Error from controller when performing"
    std::string trying;     ///< "list targets": after "Error trying to"
};

std::string error_text(const agent::Error& error, const Attempt& attempt, Format format);
/// Prints error_text() and returns the exit code.
int report(const agent::Error& error, const Attempt& attempt, Format format);
/// Bad usage: the plain message (with its hint), exit code 3 or what the error says.
int report_usage(const agent::Error& error, Format format);

} // namespace agentctl
