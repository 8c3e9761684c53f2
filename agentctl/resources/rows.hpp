#pragma once
// The rows from which come parsing, help, requests and tables of everything a controller keeps. The
// .txt files here are their source (README.md); generate.py makes the tables.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace agentctl {

enum class FlagKind : std::uint8_t {
    text,
    nullable_text, ///< "null" becomes null, as in every nullable kind
    number,
    nullable_number,
    boolean,
    truth, ///< true or false, as a value
    list,
    nullable_list,
    secret, ///< env:// or file:// only
    source, ///< a text, env:// or file://
    nullable_source,
    nullable_sources,
    values,  ///< -attr, -string-attr, -num-attr, -bool-attr and -attributes
    options, ///< -critical-option and -critical-options
    pairs,   ///< KEY=VALUE, of texts
    tags,    ///< KEY=VALUE,VALUE
};

struct FlagRow {
    std::string_view name;
    std::string_view field; ///< "attributes.port", "?query", "@id", or "-": not sent
    std::string_view help;
    std::string_view variable; ///< of the environment
    std::string_view fallback; ///< what is sent when it is not given
    std::string_view missing;  ///< what is said then, where it is required
    std::string_view question; ///< or asked, on a terminal
    FlagKind kind;
};

/// A flag as one command has it.
struct FlagUse {
    const FlagRow* flag;
    std::string_view field;
    bool required;
};

enum class Operation : std::uint8_t { list, get, create, update, remove, action };
enum class Prints : std::uint8_t { list, item, items, keys, key_jobs, authority, active_users };
enum class By : std::uint8_t {
    row,
    hand, ///< a function of commands/: the row is for help and documents
    file  ///< what comes is no JSON
};

struct CommandRow {
    std::string_view words; ///< what follows the resource: "create tcp"
    std::string_view summary;
    std::string_view action;
    std::string_view says;   ///< instead of a table
    std::string_view one_of; ///< what is said when none of its lists is given
    std::span<const FlagUse> flags;
    Operation operation;
    Prints prints;
    By by;
    bool with_id;
};

enum class Shown : std::uint8_t {
    text,   ///< left out when empty
    id,     ///< "(not available)" when empty: output_fields of a grant may hide it
    number, ///< left out when missing
    truth,  ///< only when true
    time,   ///< RFC 1123 in local time; left out when missing
};

struct Column {
    std::string_view label;
    std::string_view member; ///< dots lead into objects
    Shown shown = Shown::text;
};

enum class BlockKind : std::uint8_t {
    rows, ///< objects, each with its columns
    row,  ///< one object
    words,
    ids,
    principals,
    grants,
    connections,
    object, ///< whatever is in it
    tags,
};

struct Block {
    std::string_view title;
    std::string_view member;
    BlockKind kind;
    std::span<const Column> columns;
};

struct Resource {
    std::string_view
        collection;            ///< "auth-methods": the verb's first word and the API's name for it
    std::string_view title;    ///< "Auth Method": "… information:"
    std::string_view singular; ///< "auth method", for texts
    std::string_view plural;   ///< "auth methods"
    std::string_view empty;    ///< a list without items
    std::string_view about;
    std::string_view ids; ///< "ttcp:tcp tssh:ssh": what ids begin with, and which type that is
    std::string_view container; ///< "scope", or the flag that names where its items live
    std::string_view
        default_scope; ///< what a list without -scope-id asks for; empty: let the controller say
    std::string_view example_title;
    std::string_view example;
    std::size_t list_column; ///< where a list's values start
    bool type_sent;          ///< create TYPE says "type"
    std::span<const FlagRow> flags;
    std::span<const CommandRow> commands;
    std::span<const Column> list_columns;
    std::span<const Column> item_columns;
    std::span<const Column> attribute_labels;
    std::span<const Block> blocks;
};

std::span<const Resource> resources();

/// nullptr for a collection that agentctl has no words for.
const Resource* find_resource(std::string_view collection);
/// "create", "tcp" → the row of "create tcp"; `used` tells how many words that were.
const CommandRow* find_command(const Resource& resource, std::span<const std::string_view> words,
                               std::size_t& used);

/// The resource whose ids begin as this one does, and its type ("tcp"; empty: it has none).
struct IdOwner {
    const Resource* resource = nullptr;
    std::string_view type;
};
IdOwner owner_of(std::string_view id);

/// What follows the first word: "tcp" of "create tcp"; empty: nothing does.
std::string_view type_of(const CommandRow& command);

} // namespace agentctl
