// Reads the words of a grant, then whether they make sense together.

#include "devserver/grants/parse_grant.hpp"

#include "devserver/grants/resource_types.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace devserver {
namespace {

constexpr std::size_t max_ids = 200;

/// The grant as it was said, before anything is known about its words.
struct Words {
    std::optional<std::string> id;
    std::vector<std::string> ids;
    std::string type;
    std::vector<std::string> actions;
    std::optional<std::set<std::string, std::less<>>> output_fields;
};

agent::Error bad(std::string what) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::controller, std::move(what));
}

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(at, start), text.size());
        parts.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

agent::Result<Words> read_text(std::string_view text) {
    Words words;
    for (const auto& segment : split(text, ';')) {
        const auto equals = segment.find('=');
        if (equals == std::string::npos || segment.find('=', equals + 1) != std::string::npos)
            return bad("segment " + in_quotes(segment) +
                       " is not formatted correctly: one equals sign");
        const auto key = segment.substr(0, equals);
        const auto value = segment.substr(equals + 1);
        if (key.empty())
            return bad("segment " + in_quotes(segment) +
                       " is not formatted correctly: missing key");
        if (value.empty() && key != "output_fields")
            return bad("segment " + in_quotes(segment) +
                       " is not formatted correctly: missing value");
        if (key == "id") {
            if (value.find(',') != std::string::npos) return bad("ID cannot contain a comma");
            words.id = value;
        } else if (key == "ids") {
            words.ids = split(value, ',');
        } else if (key == "type") {
            words.type = lower(value);
        } else if (key == "actions") {
            words.actions = split(value, ',');
        } else if (key == "output_fields") {
            if (!words.output_fields) words.output_fields.emplace();
            if (!value.empty())
                for (auto& field : split(value, ',')) words.output_fields->insert(std::move(field));
        }
    }
    return words;
}

agent::Status read_list(const Json& json, const char* key, std::vector<std::string>& out) {
    const Json* list = agent::find_member(json, key);
    if (list == nullptr) return {};
    if (!list->is_array()) return bad("unable to interpret " + in_quotes(key) + " as array");
    for (const auto& one : *list) {
        if (!one.is_string())
            return bad("unable to interpret an element of " + in_quotes(key) + " as string");
        out.push_back(one.get<std::string>());
        if (out.back().find_first_of(",;=") != std::string::npos)
            return bad(in_quotes(key) + " cannot contain a comma, semicolon or equals sign");
    }
    return {};
}

agent::Result<Words> read_json(std::string_view text) {
    const auto json = agent::parse_json(text, 3);
    if (!json || !json->is_object()) return bad("unable to parse the grant as JSON");
    Words words;
    for (const char* key : {"id", "type"}) {
        const Json* value = agent::find_member(*json, key);
        if (value == nullptr) continue;
        if (!value->is_string()) return bad("unable to interpret " + in_quotes(key) + " as string");
        auto said = value->get<std::string>();
        if (said.find_first_of(",;=") != std::string::npos)
            return bad(in_quotes(key) + " cannot contain a comma, semicolon or equals sign");
        if (std::string_view(key) == "id")
            words.id = std::move(said);
        else
            words.type = std::move(said);
    }
    if (auto read = read_list(*json, "ids", words.ids); !read) return read.error();
    if (auto read = read_list(*json, "actions", words.actions); !read) return read.error();
    std::vector<std::string> fields;
    if (auto read = read_list(*json, "output_fields", fields); !read) return read.error();
    if (agent::find_member(*json, "output_fields") != nullptr)
        words.output_fields.emplace(fields.begin(), fields.end());
    return words;
}

agent::Status read_ids(Words& words, Grant& grant) {
    if (words.id && !words.ids.empty()) return bad("contains both \"id\" and \"ids\"");
    grant.old_id = words.id.has_value();
    grant.ids = words.id ? std::vector<std::string>{*words.id} : std::move(words.ids);
    if (grant.ids.size() > max_ids) return bad("contains too many ids");
    for (const auto& id : grant.ids) {
        if (id.empty()) return bad("empty ID provided");
        if (id == "*" && grant.ids.size() > 1)
            return bad("contains both wildcard and other values in \"ids\"");
        if (id.starts_with("{{") && type_of_grant_id(id).empty())
            return bad("unknown template " + in_quotes(id));
        if (id != "*" && type_of_grant_id(id).empty())
            return bad("contains an id " + in_quotes(id) + " of an unknown resource type");
        if (type_of_grant_id(id) != type_of_grant_id(grant.ids.front()))
            return bad("contains ids of differently-typed resources");
    }
    return {};
}

agent::Status read_actions(const Words& words, Grant& grant) {
    for (const auto& word : words.actions) {
        const auto name = lower(word);
        if (name.empty()) return bad("empty action found");
        if (name == "*") {
            grant.every_action = true;
        } else if (const auto action = find_action(name)) {
            grant.actions.set(*action);
        } else {
            return bad("unknown action " + in_quotes(name));
        }
    }
    if (grant.every_action && grant.actions.any())
        return bad("\"*\" cannot be specified with other actions");
    if (words.actions.empty() && !grant.output_fields) return bad("missing actions");
    return {};
}

agent::Status check_of_collection(const Grant& grant) {
    if (grant.type.empty()) return bad("contains no id or type");
    if (grant.type == "*") return bad("contains wildcard type with no id value");
    if (grant.every_action || (grant.actions & ~collection_actions()).any())
        return bad("contains non-create or non-list action in a format that only allows these");
    if (!is_top_level(grant.type) && grant.actions.any())
        return bad("would not result in any action being authorized");
    return {};
}

agent::Status check_of_ids(const Grant& grant) {
    const auto id_type = type_of_grant_id(grant.ids.front());
    const bool of_one = grant.every_action || (grant.actions & ~collection_actions()).any();
    if (grant.type.empty()) {
        if ((grant.actions & collection_actions()).any())
            return bad("contains create or list action in a format that does not allow these");
    } else if (grant.type == "*") {
        if (!has_child_types(id_type))
            return bad("contains an id that does not support child types");
    } else if (parent_type(grant.type) != id_type) {
        return bad("contains type " + grant.type +
                   " that is not a child type of the type of the specified id");
    } else if (grant.type == id_type && !of_one && grant.actions.any()) {
        return bad("would not result in any action being authorized");
    }
    return {};
}

} // namespace

std::string_view type_of_grant_id(std::string_view id) {
    if (!id.starts_with("{{")) return type_of_id(id);
    auto name = id.substr(2);
    if (name.ends_with("}}")) name.remove_suffix(2);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name == "user.id" || name == ".User.Id") return "user";
    if (name == "account.id" || name == ".Account.Id") return "account";
    return {};
}

agent::Result<Grant> parse_grant(std::string_view text) {
    if (text.empty()) return bad("missing grant string");
    if (text.size() > max_grant_length) return bad("the grant string is too long");
    auto words = text.front() == '{' ? read_json(text) : read_text(text);
    if (!words) return words.error();
    Grant grant;
    grant.type = words->type;
    if (!grant.type.empty() && grant.type != "*" && !is_resource_type(grant.type))
        return bad("unknown type specifier " + in_quotes(grant.type));
    grant.output_fields = std::move(words->output_fields);
    if (auto read = read_ids(*words, grant); !read) return read.error();
    if (auto read = read_actions(*words, grant); !read) return read.error();
    if (grant.ids.empty()) {
        if (auto checked = check_of_collection(grant); !checked) return checked.error();
    } else if (grant.ids.front() == "*") {
        if (grant.type.empty()) return bad("contains wildcard id and no specified type");
    } else if (auto checked = check_of_ids(grant); !checked) {
        return checked.error();
    }
    return grant;
}

} // namespace devserver
