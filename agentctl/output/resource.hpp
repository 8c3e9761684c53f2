#pragma once
// What a column of a table shows of an item. Which columns there are is data: ../resources.

#include "agentctl/resources/rows.hpp"
#include "base/json.hpp"
#include "base/printable.hpp"

#include <string>

namespace agentctl {

/// "recording_state.storage_state"; nullptr: it is not there.
const agent::Json* member_at(const agent::Json& item, std::string_view path);
/// A text, number or list ("[a b]") in one line, without control characters.
std::string plain_value(const agent::Json& value);
/// The value as a table shows it, without control characters; empty: leave the row out.
std::string shown_value(const agent::Json& item, const Column& column);
using agent::printable; // names and descriptions are written by others
/// RFC 1123 in local time; a text that is no time comes back as it is.
std::string shown_time(const std::string& rfc3339);

} // namespace agentctl
