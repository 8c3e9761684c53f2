#include "agentctl/api/body.hpp"

#include "agentctl/api/flag_value.hpp"
#include "agentctl/api/grant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agentctl {
namespace {

using agent::Json;

constexpr std::string_view operation_words[] = {"get",    "get",    "create",
                                                "update", "delete", "action"};

/// The place of a.b[0].c, made on the way.
Json& make_place(Json& body, std::string_view field) {
    Json* place = &body;
    while (true) {
        const auto dot = field.find('.');
        std::string_view part = field.substr(0, dot);
        const bool first = part.ends_with("[0]");
        if (first) part.remove_suffix(3);
        if (place->is_null()) *place = Json::object();
        place = &(*place)[std::string(part)];
        if (first) {
            if (!place->is_array()) *place = Json::array({Json::object()});
            place = &(*place)[0];
        }
        if (dot == field.npos) return *place;
        field = field.substr(dot + 1);
    }
}

std::string query_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : agent::dump_json(value);
}

bool is_list_operation(std::string_view words) {
    return words.starts_with("add-") || words.starts_with("set-") || words.starts_with("remove-");
}

} // namespace

std::optional<Plain> wrong_words(const Resource& resource, const CommandRow& row, Given& given) {
    for (const GivenFlag& one : given.all()) {
        if (!one.use->required || !one.empty()) continue;
        const FlagRow& flag = *one.use->flag;
        const bool where = flag.name == resource.container || flag.name == "scope-id";
        if (flag.missing.empty()) return Plain{"-" + std::string(flag.name) + " is missing"};
        return Plain{std::string(flag.missing), 3, where};
    }
    if (!row.one_of.empty() && std::ranges::all_of(given.all(), [](const GivenFlag& one) {
            return one.use->flag->kind != FlagKind::list || one.list.empty();
        }))
        return Plain{std::string(row.one_of)};
    if (const GivenFlag* grants = given.find("grant"))
        for (const std::string& grant : grants->list)
            if (grant != "null" || !row.words.starts_with("set-"))
                if (const auto problem = grant_problem(grant))
                    return Plain{"Grant \"" + grant +
                                 "\" could not be parsed successfully: " + *problem};
    for (const GivenFlag& one : given.all())
        if (one.whole && !one.values.empty())
            return Plain{"-" + whole_name(one.name()) + " cannot be combined with -" +
                         std::string(one.name()) + " and its like"};
    return std::nullopt;
}

std::variant<ApiCall, Plain> call_of(const Resource& resource, const CommandRow& row,
                                     Given& given) {
    ApiCall call;
    call.operation = operation_words[static_cast<std::size_t>(row.operation)];
    call.collection = resource.collection;
    call.action = row.action;
    const bool with_body = row.operation == Operation::create ||
                           row.operation == Operation::update || row.operation == Operation::action;
    if (with_body) call.body = Json::object();
    if (resource.type_sent && row.operation == Operation::create && !type_of(row).empty()) {
        std::string type(type_of(row));
        std::ranges::replace(type, '-', '_');
        call.body["type"] = type;
    }
    const bool sets = row.words.starts_with("set-");
    for (GivenFlag& one : given.all()) {
        const std::string_view field = one.use->field;
        if (field == "@id") {
            call.id = one.text.value_or("");
            continue;
        }
        if (field == "-" || field == "version") continue;
        auto value = flag_value(one, {sets, is_list_operation(row.words)}, given.given(one.name()));
        if (auto* plain = std::get_if<Plain>(&value)) {
            agent::wipe(call.body);
            return *plain;
        }
        auto& made = std::get<FlagValue>(value);
        if (!made.value) continue;
        if (field.starts_with('?')) {
            call.query.emplace_back(field.substr(1), query_text(*made.value));
            continue;
        }
        if (!with_body) continue;
        if (made.secret) call.secret_fields.emplace_back(field);
        make_place(call.body, field) = std::move(*made.value);
    }
    // A place for an alias that nobody named is none.
    if (call.body.is_object() && call.body.contains("with_aliases") &&
        !call.body["with_aliases"][0].contains("value"))
        call.body.erase("with_aliases");
    const GivenFlag* version = given.find("version");
    if (version != nullptr && version->text) {
        auto number = whole_number(*version->text);
        if (!number) return Plain{"Error parsing \"" + *version->text + "\": not a whole number"};
        if (*number != 0) set_version(call, *number);
    }
    return call;
}

bool wants_version(Given& given) {
    return given.find("version") != nullptr;
}

void set_version(ApiCall& call, std::int64_t version) {
    call.body["version"] = version;
}

} // namespace agentctl
