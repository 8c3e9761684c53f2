#pragma once
// What the tables say about each of the controller's resources, as data: which members a list shows
// and in which order, which a read shows, under which labels. output/list_table.* and
// output/item_table.* print by it; the verbs take their words ("list on targets") from it.

#include "base/json.hpp"
#include "base/printable.hpp"

#include <span>
#include <string>
#include <string_view>

namespace agentctl {

enum class Shown {
    text,   ///< left out when empty
    id,     ///< "(not available)" when empty: output_fields of a grant may hide it
    number, ///< left out when missing
    truth,  ///< only when true
    time,   ///< RFC 1123 in local time; left out when missing
};

struct Column {
    std::string_view label;
    std::string_view member;
    Shown shown = Shown::text;
};

struct Resource {
    std::string_view
        collection;         ///< "auth-methods": the verb's first word and the agent's name for it
    std::string_view title; ///< "Auth Method": "… information:"
    std::string_view singular; ///< "auth method", for texts
    std::string_view plural;   ///< "auth methods"
    std::string_view
        default_scope; ///< what a list without -scope-id asks for; empty: let the controller say
    std::size_t list_column = 25; ///< where a list's values start
    std::span<const Column> list_columns;
    std::span<const Column> item_columns;
};

/// nullptr for a collection that agentctl has no words for.
const Resource* find_resource(std::string_view collection);

/// The value as a table shows it, without control characters; empty: leave the row out.
std::string shown_value(const agent::Json& item, const Column& column);
using agent::printable; // names and descriptions are written by others
/// RFC 1123 in local time; a text that is no time comes back as it is.
std::string shown_time(const std::string& rfc3339);

} // namespace agentctl
