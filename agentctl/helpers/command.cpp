#include "agentctl/helpers/command.hpp"

#include "agentctl/helpers/fit.hpp"
#include "base/find_program.hpp"

#include <algorithm>

namespace agentctl::helpers {
namespace {

const std::string_view* installed(const Style& style) {
    const auto found = std::ranges::find_if(
        style.programs, [](std::string_view one) { return agent::find_on_path(one).has_value(); });
    return found == style.programs.end() ? nullptr : &*found;
}

const Style& choose_style(const Helper& helper) {
    const auto found =
        !helper.any_style
            ? helper.styles.end()
            : std::ranges::find_if(helper.styles, [](const Style& one) { return installed(one); });
    return found == helper.styles.end() ? helper.styles.front() : *found;
}

std::string program_of(const Style& style) {
    const auto* found = installed(style);
    return std::string(found == nullptr ? style.programs.front() : *found);
}

std::string lower_words(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

} // namespace

void Command::started() {
    launch_.files.clear();
    for (auto& variable : environment_.set) agent::wipe(variable);
    credentials_.forget();
}

agent::Result<Command> Command::make(const Wanted& wanted, const ipc::Proxy& proxy,
                                     const std::vector<agent::Json>& credentials) {
    Command command;
    auto sorted = Brokered::sort(credentials);
    if (!sorted) return sorted.error();
    command.credentials_ = std::move(*sorted);
    const Helper& helper = wanted.helper;
    const auto& word = wanted.options.style;
    const Style* style = word ? helper.find_style(*word) : &choose_style(helper);
    if (style == nullptr && helper.known_styles_only)
        return cannot_collect("-style " + *word + " is not known for " + std::string(helper.name));
    std::string program = style == nullptr ? lower_words(*word) : program_of(*style);
    if (wanted.exec) program = *wanted.exec;
    Launch& launch = command.launch_;
    if (style != nullptr) {
        Given given{proxy, wanted.options, style->name, wanted.passthrough, command.credentials_};
        if (auto prepared = helper.prepare(given, launch); !prepared) return prepared.error();
    }
    auto& words = command.words_;
    words.push_back(std::move(program));
    words.insert(words.end(), launch.first.begin(), launch.first.end());
    words.insert(words.end(), wanted.passthrough.begin(), wanted.passthrough.end());
    words.insert(words.end(), launch.words.begin(), launch.words.end());
    command.environment_ = {std::move(launch.environment), std::move(launch.without)};
    return command;
}

} // namespace agentctl::helpers
