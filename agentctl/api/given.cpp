#include "agentctl/api/given.hpp"

#include <algorithm>

namespace agentctl {
namespace {

/// "-string-attr" and the like; a family of options has only the plain one.
struct Member {
    std::string_view prefix;
    ValueType type;
    std::string_view says;
};
constexpr Member members[] = {{"", ValueType::any, "KEY=VALUE, the type guessed; repeatable."},
                              {"string-", ValueType::text, "KEY=VALUE, a text; repeatable."},
                              {"num-", ValueType::number, "KEY=VALUE, a number; repeatable."},
                              {"bool-", ValueType::truth, "KEY=VALUE, true or false; repeatable."}};

} // namespace

std::string whole_name(std::string_view family) {
    if (family == "attr") return "attributes";
    if (family == "kv") return "object";
    return std::string(family) + "s";
}

Given::Given(const CommandRow& row, Flags& flags) : flags_(flags) {
    for (const FlagUse& use : row.flags) {
        GivenFlag& one = all_.emplace_back();
        one.use = &use;
        declare(one, row.operation == Operation::list);
    }
}

GivenFlag* Given::find(std::string_view name) {
    const auto found = std::ranges::find(all_, name, &GivenFlag::name);
    return found == all_.end() ? nullptr : &*found;
}

GivenFlag* Given::path() {
    const auto found =
        std::ranges::find_if(all_, [](const GivenFlag& one) { return one.use->field == "@id"; });
    return found == all_.end() ? nullptr : &*found;
}

void Given::declare_family(GivenFlag& one) {
    const FlagRow& flag = *one.use->flag;
    const bool options = flag.kind == FlagKind::options;
    for (const Member& member : members) {
        if (options && !member.prefix.empty()) break;
        const ValueType type = options ? ValueType::text : member.type;
        const auto take = [&one, type](const std::string& words) {
            one.values.push_back({type, agent::Secret(words)});
            return agent::Status();
        };
        flags_.each(std::string(member.prefix) + std::string(flag.name), take,
                    std::string(flag.help) + ": " + std::string(member.says), {}, true);
    }
    flags_.secret(whole_name(flag.name), one.whole,
                  std::string(flag.help) + ", as one JSON object, env://NAME or file://PATH.");
}

void Given::declare(GivenFlag& one, bool lists) {
    const FlagRow& flag = *one.use->flag;
    const std::string name(flag.name), variable(flag.variable);
    std::string help(flag.help);
    switch (flag.kind) {
    case FlagKind::text:
    case FlagKind::nullable_text:
    case FlagKind::number:
    case FlagKind::nullable_number:
    case FlagKind::truth:
        if (lists && name == "scope-id") help = "The scope to list from.";
        return flags_.text(name, one.text, help, variable);
    case FlagKind::boolean:
        return flags_.boolean(name, one.truth, help, variable);
    case FlagKind::secret:
    case FlagKind::source:
    case FlagKind::nullable_source:
        return flags_.secret(name, one.secret, help, variable);
    case FlagKind::nullable_sources:
        return flags_.each(
            name,
            [&one](const std::string& value) {
                one.secrets.emplace_back(value);
                return agent::Status();
            },
            help, variable, true);
    case FlagKind::list:
    case FlagKind::nullable_list:
    case FlagKind::pairs:
    case FlagKind::tags:
        return flags_.each(
            name,
            [&one](const std::string& value) {
                one.list.push_back(value);
                return agent::Status();
            },
            help, variable);
    case FlagKind::values:
    case FlagKind::options:
        return declare_family(one);
    }
}

} // namespace agentctl
