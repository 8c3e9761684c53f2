#include "agentctl/api/flag_value.hpp"

#include "agentctl/prompt.hpp"
#include "agentctl/secret_source.hpp"

#include <charconv>
#include <cstdlib>

namespace agentctl {
namespace {

using agent::Json;
using agent::Result;
using agent::Secret;
using Made = std::variant<FlagValue, Plain>;

FlagValue of(Json value, bool secret = false) {
    FlagValue made;
    made.value.emplace(std::move(value));
    made.secret = secret;
    return made;
}

std::string error_words(const agent::Error& error) {
    return error.hint.empty() ? error.message : error.message + ". " + error.hint;
}

/// "current-password" → "Current password"
std::string spoken(std::string_view name) {
    std::string text(name);
    for (char& c : text)
        if (c == '-') c = ' ';
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

/// As the reference reads it; the controller then says what it wants.
bool is_unset_variable(std::string_view source) {
    constexpr std::string_view variable = "env://";
    return source.starts_with(variable) &&
           std::getenv(std::string(source.substr(variable.size())).c_str()) == nullptr;
}

Made secret_value(GivenFlag& one) {
    const FlagRow& flag = *one.use->flag;
    Result<Secret> read = Secret();
    if (one.secret) {
        if (!names_a_source(one.secret->reveal()))
            return Plain{spoken(flag.name) + " flag must be used with env:// or file:// syntax"};
        if (is_unset_variable(one.secret->reveal()))
            (void)say(Plain{"the variable of -" + std::string(flag.name) +
                            " is not set: an empty text is sent"});
        else
            read = read_secret_source(one.secret->reveal(), "-" + std::string(flag.name));
        if (!read)
            return Plain{"Error parsing " + std::string(flag.name) +
                         " flag: " + error_words(read.error())};
    } else if (!flag.question.empty()) {
        read = prompt_secret(std::string(flag.question));
        if (!read)
            return Plain{"no " + std::string(flag.name) + ": " + read.error().message + ". Give -" +
                         std::string(flag.name) + " env://NAME or file://PATH."};
    } else {
        return FlagValue();
    }
    return of(Json(std::string(read->reveal())), true);
}

Made source_text(const Secret& text, const FlagRow& flag) {
    if (text.reveal() == "-" || !names_a_source(text.reveal()))
        return of(Json(std::string(text.reveal())), true);
    auto read = read_secret_source(text.reveal(), "-" + std::string(flag.name));
    if (!read)
        return Plain{"Error parsing " + std::string(flag.name) +
                     " flag: " + error_words(read.error())};
    return of(Json(std::string(read->reveal())), true);
}

Made sources_value(const GivenFlag& one) {
    if (one.secrets.empty()) return FlagValue();
    if (one.secrets.size() == 1 && one.secrets[0].reveal() == "null") return of(nullptr);
    Json list = Json::array();
    for (const Secret& text : one.secrets) {
        auto made = source_text(text, *one.use->flag);
        if (std::holds_alternative<Plain>(made)) return made;
        list.push_back(std::move(*std::get<FlagValue>(made).value));
    }
    return of(std::move(list), true);
}

Made pairs_value(const GivenFlag& one) {
    if (one.list.empty()) return FlagValue();
    if (one.list.size() == 1 && one.list[0] == "null") return of(nullptr);
    Json object = Json::object();
    for (const std::string& pair : one.list) {
        const auto equals = pair.find('=');
        const std::string key = pair.substr(0, equals);
        if (key.empty()) return Plain{"-" + std::string(one.name()) + " wants KEY=VALUE"};
        const std::string value = equals == pair.npos ? "null" : pair.substr(equals + 1);
        object[key] = value == "null" ? Json(nullptr) : Json(value);
    }
    return of(std::move(object));
}

Made tags_value(const GivenFlag& one, ListRules rules) {
    if (one.list.empty()) return FlagValue();
    if (rules.sets && one.list.size() == 1 && one.list[0] == "null") return of(nullptr);
    Json object = Json::object();
    for (const std::string& pair : one.list) {
        const auto equals = pair.find('=');
        if (equals == pair.npos || equals == 0)
            return Plain{"-" + std::string(one.name()) + " wants KEY=VALUE,VALUE"};
        Json& values = object[pair.substr(0, equals)];
        for (std::size_t at = equals + 1; at <= pair.size();) {
            const auto end = std::min(pair.find(',', at), pair.size());
            if (end > at) values.push_back(pair.substr(at, end - at));
            at = end + 1;
        }
    }
    return of(std::move(object));
}

Made family_value(const GivenFlag& one) {
    if (one.whole) {
        if (one.whole->reveal() == "null") return of(nullptr);
        auto text = source_text(*one.whole, *one.use->flag);
        if (std::holds_alternative<Plain>(text)) return text;
        Json& read = *std::get<FlagValue>(text).value;
        auto parsed = agent::parse_json(read.get_ref<const std::string&>());
        agent::wipe(read);
        if (!parsed || !parsed->is_object())
            return Plain{"-" + whole_name(one.name()) + " is not a JSON object"};
        return of(std::move(*parsed), true);
    }
    if (one.values.empty()) return FlagValue();
    auto object = object_of(one.values);
    if (!object) return Plain{error_words(object.error()), 2};
    return of(std::move(*object), true);
}

Made number_value(const GivenFlag& one, const std::string& text) {
    const auto number = whole_number(text);
    if (number) return of(*number);
    return Plain{"Error parsing \"" + text + "\" of -" + std::string(one.name()) +
                 ": not a whole number"};
}

} // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const std::string_view digits = hex ? text.substr(2) : text;
    std::int64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, problem] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    if (problem != std::errc() || stopped != end || (hex && value < 0)) return std::nullopt;
    return value;
}

Made flag_value(GivenFlag& one, ListRules rules, bool given) {
    const FlagRow& flag = *one.use->flag;
    const std::string text = one.text.value_or(std::string(flag.fallback));
    switch (flag.kind) {
    case FlagKind::nullable_text:
    case FlagKind::nullable_number:
        if (text == "null") return of(nullptr);
        [[fallthrough]];
    case FlagKind::text:
    case FlagKind::number:
        if (text.empty()) return FlagValue();
        if (flag.kind == FlagKind::number || flag.kind == FlagKind::nullable_number)
            return number_value(one, text);
        return of(text);
    case FlagKind::truth:
        if (text.empty()) return FlagValue();
        if (text != "true" && text != "false")
            return Plain{"-" + std::string(flag.name) + " is true or false, not \"" + text + "\""};
        return of(text == "true");
    case FlagKind::boolean:
        if (!given || (!one.truth && one.use->field.starts_with('?'))) return FlagValue();
        return of(one.truth);
    case FlagKind::secret:
        return secret_value(one);
    case FlagKind::nullable_source:
        if (one.secret && one.secret->reveal() == "null") return of(nullptr);
        [[fallthrough]];
    case FlagKind::source:
        return one.secret ? source_text(*one.secret, flag) : Made(FlagValue());
    case FlagKind::nullable_sources:
        return sources_value(one);
    case FlagKind::list:
    case FlagKind::nullable_list:
        if (one.list.empty()) return FlagValue();
        if ((rules.sets || flag.kind == FlagKind::nullable_list) && one.list.size() == 1 &&
            one.list[0] == "null")
            return of(nullptr);
        return of(Json(one.list));
    case FlagKind::pairs:
        return pairs_value(one);
    case FlagKind::tags:
        return tags_value(one, rules);
    case FlagKind::values:
    case FlagKind::options:
        return family_value(one);
    }
    return FlagValue();
}

} // namespace agentctl
