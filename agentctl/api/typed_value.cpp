#include "agentctl/api/typed_value.hpp"

#include "agentctl/secret_source.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace agentctl {
namespace {

using agent::Json;
using agent::Result;

agent::Error bad_value(std::string_view key, std::string why) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                       "Error evaluating attribute flags to: " + std::string(key.substr(0, 64)) +
                           ": " + std::move(why));
}

bool is_key_part(std::string_view part) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !part.empty() && letter(part[0]) && std::ranges::all_of(part, [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '_';
    });
}

/// Digits, perhaps a sign and a point; no exponent.
std::optional<Json> plain_number(std::string_view text) {
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.front() == '.' || digits.back() == '.' ||
        std::ranges::count(digits, '.') > 1 ||
        !std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || c == '.'; }))
        return std::nullopt;
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    if (std::from_chars(text.data(), end, whole).ptr == end) return Json(whole);
    double real = 0;
    if (std::from_chars(text.data(), end, real).ptr != end) return std::nullopt;
    return Json(real);
}

Result<Json> guessed(std::string_view key, std::string_view text) {
    if (text == "null") return Json(nullptr);
    if (text == "true" || text == "false") return Json(text == "true");
    if (auto number = plain_number(text)) return std::move(*number);
    if (text.starts_with('[') || text.starts_with('{')) {
        auto parsed = agent::parse_json(text);
        if (!parsed) return bad_value(key, "what begins with [ or { must be JSON");
        return std::move(*parsed);
    }
    if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
        if (auto parsed = agent::parse_json(text); parsed && parsed->is_string())
            return std::move(*parsed);
    return Json(std::string(text));
}

Result<Json> value_of(std::string_view key, ValueType type, std::optional<std::string_view> text) {
    if (type == ValueType::text) return Json(std::string(text.value_or("")));
    if (type == ValueType::any) return text ? guessed(key, *text) : Result<Json>(Json(nullptr));
    if (!text) return bad_value(key, "a value is missing");
    if (type == ValueType::truth) {
        if (*text != "true" && *text != "false") return bad_value(key, "neither true nor false");
        return Json(*text == "true");
    }
    auto number = plain_number(*text);
    if (!number) return bad_value(key, "not a number");
    return std::move(*number);
}

/// The place of a.b.c in the object; nullptr: something else is in the way.
Json* place_of(Json& object, std::string_view key) {
    Json* place = &object;
    for (std::size_t at = 0;;) {
        if (!place->is_object()) return nullptr;
        const auto dot = key.find('.', at);
        place = &(*place)[std::string(key.substr(at, dot - at))];
        if (dot == key.npos) return place;
        if (place->is_null()) *place = Json::object();
        at = dot + 1;
    }
}

} // namespace

Result<Json> object_of(const std::vector<TypedValue>& values) {
    Json object = Json::object();
    std::vector<std::string_view> given, lists; // lists: made here, of what was given twice
    for (const TypedValue& one : values) {
        const std::string_view words = one.words.reveal();
        const auto equals = words.find('=');
        const std::string_view key = words.substr(0, equals);
        for (std::size_t at = 0, parts = 0; at != key.npos + 1 || parts == 0; ++parts) {
            const auto dot = key.find('.', at);
            if (!is_key_part(key.substr(at, dot - at)))
                return bad_value(key, "a key is letters, digits and _, with dots between");
            if (dot == key.npos) break;
            at = dot + 1;
        }
        std::optional<std::string_view> text;
        agent::Secret read;
        if (equals != words.npos) text = words.substr(equals + 1);
        if (text && *text != "-" && names_a_source(*text)) {
            auto source = read_secret_source(*text, key);
            if (!source) return source.error();
            read = std::move(*source);
            text = read.reveal();
        }
        auto value = value_of(key, one.type, text);
        if (!value) return value.error();
        Json* const place = place_of(object, key);
        if (place == nullptr) return bad_value(key, "it is inside of something that is no object");
        if (std::ranges::find(given, key) == given.end()) {
            *place = std::move(*value);
            given.push_back(key);
            continue;
        }
        if (std::ranges::find(lists, key) == lists.end()) {
            *place = Json::array({std::move(*place)});
            lists.push_back(key);
        }
        place->push_back(std::move(*value));
    }
    return object;
}

} // namespace agentctl
