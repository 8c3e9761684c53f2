#include "agentctl/resources/rows.hpp"

#include <algorithm>
#include <string>

namespace agentctl {
namespace {

std::string_view next_word(std::string_view& text) {
    const auto end = text.find(' ');
    const auto word = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    return word;
}

} // namespace

const Resource* find_resource(std::string_view collection) {
    const auto all = resources();
    const auto found = std::ranges::find(all, collection, &Resource::collection);
    return found == all.end() ? nullptr : &*found;
}

const CommandRow* find_command(const Resource& resource, std::span<const std::string_view> words,
                               std::size_t& used) {
    for (used = std::min<std::size_t>(2, words.size()); used > 0; --used) {
        std::string name(words[0]);
        if (used == 2) name.append(" ").append(words[1]);
        const auto found = std::ranges::find(resource.commands, name, &CommandRow::words);
        if (found != resource.commands.end()) return &*found;
    }
    return nullptr;
}

IdOwner owner_of(std::string_view id) {
    const std::string_view prefix = id.substr(0, id.find('_'));
    for (const Resource& resource : resources())
        for (std::string_view rest = resource.ids; !rest.empty();) {
            const std::string_view word = next_word(rest);
            const auto colon = word.find(':');
            if (word.substr(0, colon) == prefix)
                return {&resource, colon == word.npos ? "" : word.substr(colon + 1)};
        }
    return {};
}

std::string_view type_of(const CommandRow& command) {
    const auto space = command.words.find(' ');
    return space == command.words.npos ? std::string_view() : command.words.substr(space + 1);
}

} // namespace agentctl
