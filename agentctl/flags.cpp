#include "agentctl/flags.hpp"

#include "agentctl/secret_source.hpp"
#include "base/command_line.hpp"
#include "base/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace agentctl {
namespace {

agent::Error usage_error(std::string message) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::local, std::move(message));
}

std::optional<bool> parse_bool(std::string_view text) {
    for (const auto* yes : {"1", "t", "T", "true", "TRUE", "True"})
        if (text == yes) return true;
    for (const auto* no : {"0", "f", "F", "false", "FALSE", "False"})
        if (text == no) return false;
    return std::nullopt;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

void Flags::add(std::string name, std::string help, std::string environment, bool takes_value,
                std::function<agent::Status(const std::string&)> set) {
    Flag flag;
    flag.name = std::move(name);
    flag.help = std::move(help);
    flag.environment = std::move(environment);
    flag.takes_value = takes_value;
    flag.set = std::move(set);
    flags_.push_back(std::move(flag));
}

void Flags::text(std::string name, std::optional<std::string>& target, std::string help,
                 std::string environment) {
    add(std::move(name), std::move(help), std::move(environment), true,
        [&target](const std::string& value) {
            target.reset(); // as in Go, an empty text is the same as none
            if (!value.empty()) target = value;
            return agent::Status();
        });
}

void Flags::secret(std::string name, std::optional<agent::Secret>& target, std::string help,
                   std::string environment) {
    add(std::move(name), std::move(help), std::move(environment), true,
        [&target](const std::string& value) {
            target.reset();
            if (!value.empty()) target.emplace(std::string(value));
            return agent::Status();
        });
    flags_.back().secret = true;
}

void Flags::number(std::string name, std::optional<std::int64_t>& target, std::string help,
                   std::string environment) {
    add(std::move(name), std::move(help), std::move(environment), true,
        [&target](const std::string& value) -> agent::Status {
            target = parse_number(value);
            if (!target) return usage_error("not a whole number");
            return {};
        });
}

void Flags::boolean(std::string name, bool& target, std::string help, std::string environment) {
    add(std::move(name), std::move(help), std::move(environment), false,
        [&target](const std::string& value) -> agent::Status {
            const auto parsed = parse_bool(value);
            if (!parsed) return usage_error("neither true nor false");
            target = *parsed;
            return {};
        });
}

void Flags::duration(std::string name, std::optional<std::int64_t>& target, std::string help,
                     std::string environment) {
    add(std::move(name), std::move(help), std::move(environment), true,
        [&target](const std::string& value) -> agent::Status {
            const auto parsed = agent::parse_duration(value);
            if (!parsed) return usage_error("not a duration such as 30s or 1h5m");
            target = parsed->count();
            return {};
        });
}

void Flags::each(std::string name, Take take, std::string help, std::string environment,
                 bool secret) {
    add(std::move(name), std::move(help), std::move(environment), true,
        [take = std::move(take)](const std::string& value) -> agent::Status {
            if (value.empty()) return {}; // the same as not given
            return take(value);
        });
    flags_.back().secret = secret;
}

void Flags::accepted(std::string name, bool takes_value) {
    add(std::move(name), {}, {}, takes_value, [](const std::string&) { return agent::Status(); });
    flags_.back().hidden = true;
    flags_.back().secret = takes_value; // whatever it is, nobody needs to see it
}

void Flags::positional(std::string name, std::optional<std::string>& target) {
    positionals_.push_back({std::move(name), &target});
}

agent::Status Flags::parse_flag(std::span<std::string> arguments, std::size_t& at) {
    std::string& word = arguments[at];
    const auto dashes = word.starts_with("--") ? 2u : 1u;
    const auto equals = word.find('=');
    const std::string name =
        word.substr(dashes, equals == std::string::npos ? equals : equals - dashes);
    if (name.empty() || name[0] == '-')
        return usage_error("bad flag syntax: " + word.substr(0, equals));
    const auto flag = std::ranges::find(flags_, name, &Flag::name);
    if (flag == flags_.end()) {
        if (name == "h" || name == "help") {
            help_wanted_ = true;
            return {};
        }
        return usage_error("flag provided but not defined: -" + name);
    }
    std::string value = "true";
    std::string* holder = &word;
    if (equals != std::string::npos)
        value = word.substr(equals + 1);
    else if (flag->takes_value) {
        seen_.push_back(&word);
        if (at + 1 == arguments.size()) return usage_error("flag needs an argument: -" + name);
        holder = &arguments[++at];
        value = *holder;
    }
    flag->given = true;
    const auto set = flag->set(value);
    if (flag->secret && !names_a_source(value)) {
        agent::wipe(value);
        agent::wipe(*holder);
        return {};
    }
    seen_.push_back(holder);
    // A text flag accepts everything, so no secret can be quoted here.
    if (!set)
        return usage_error(
            fmt::format("invalid value \"{}\" for flag -{}: {}", value, name, set.error().message));
    return {};
}

bool Flags::given(std::string_view name) const {
    const auto flag = std::ranges::find(flags_, name, &Flag::name);
    return flag != flags_.end() && flag->given;
}

/// Also where the flag was given: nobody whom we start gets it.
void Flags::take_secret(Flag& flag) {
    const auto taken = agent::take_from_environment(flag.environment);
    if (flag.given || taken->empty()) return;
    std::string value(taken->reveal());
    (void)flag.set(value);
    agent::wipe(value);
}

agent::Status Flags::read_environment() {
    for (Flag& flag : flags_) {
        const char* value =
            flag.environment.empty() ? nullptr : std::getenv(flag.environment.c_str());
        if (value != nullptr && flag.secret && !names_a_source(value)) {
            take_secret(flag);
            continue;
        }
        if (flag.given || value == nullptr || *value == '\0') continue;
        const auto set = flag.set(value);
        if (!set)
            return usage_error(
                fmt::format("invalid value \"{}\" of the environment variable {}: {}", value,
                            flag.environment, set.error().message));
    }
    return {};
}

bool Flags::may_be_seen(const std::string& argument) const {
    return std::ranges::find(seen_, &argument) != seen_.end();
}

agent::Status Flags::parse(std::span<std::string> arguments) {
    std::size_t taken = 0;
    seen_.clear();
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string& word = arguments[at];
        if (word == "--") {
            seen_.push_back(&word);
            if (passthrough_ == nullptr)
                return usage_error("this command takes no arguments after --");
            passthrough_->assign(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                 arguments.end());
            break;
        }
        if (word.size() < 2 || word[0] != '-') {
            if (taken == positionals_.size()) {
                if (!ignores_extra_) return usage_error("unexpected argument: " + word);
                ignored_.push_back(word);
                continue;
            }
            *positionals_[taken++].target = word;
            seen_.push_back(&word);
            continue;
        }
        const auto parsed = parse_flag(arguments, at);
        if (!parsed) return parsed;
        if (help_wanted_) return {};
    }
    return read_environment();
}

std::string Flags::help() const {
    std::string text = "Usage: agentctl " + usage_;
    for (const Positional& one : positionals_) text += " [" + one.name + "]";
    text += " [flags]";
    if (passthrough_ != nullptr) text += " [-- arguments]";
    text += "\n\n" + summary_ + "\n\nFlags:\n";
    for (const Flag& flag : flags_) {
        if (flag.hidden) continue;
        text += fmt::format("  -{}{}\n      {}", flag.name, flag.takes_value ? " VALUE" : "",
                            flag.help);
        if (!flag.environment.empty()) text += fmt::format(" Also by {}.", flag.environment);
        text += '\n';
    }
    return text + "  -h, -help\n      Print this text.\n";
}

} // namespace agentctl
