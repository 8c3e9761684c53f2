#include "agentctl/help.hpp"

#include <fmt/format.h>

namespace agentctl {

std::string whole_help(std::span<const Verb> verbs) {
    std::string text = "Usage: agentctl <command> [args]\n\nLocal/Client Commands:\n";
    for (const Verb& verb : verbs)
        if (!verb.summary.empty() &&
            find_resource(verb.name.substr(0, verb.name.find(' '))) == nullptr)
            text += fmt::format("  {:<27} {}\n", verb.name, verb.summary);
    text += "\nGeneric Commands:\n"
            "  read ID                     Show whatever has this id.\n"
            "  update ID                   Change it.\n"
            "  delete ID                   Delete it.\n"
            "\nType-Specific Commands:\n";
    for (const Resource& resource : resources())
        text += fmt::format("  {:<27} {}\n", resource.collection, resource.about);
    return text + "\n`agentctl <command> -h` shows a command's flags.\n";
}

std::string group_help(std::span<const Verb> verbs, std::string_view group) {
    std::string text =
        fmt::format("Usage: agentctl {} <command> [arguments]\n\nCommands:\n", group);
    for (const Verb& verb : verbs)
        if (verb.name.starts_with(std::string(group) + " "))
            text += fmt::format("  {:<27} {}\n", verb.name, verb.summary);
    return text + "\n`agentctl <command> -h` shows a command's flags.\n";
}

std::string resource_help(const Resource& resource, std::string_view first) {
    std::string text = fmt::format("Usage: agentctl {}{}{} [sub command] [options] [args]\n\n  {} "
                                   "Example:\n\n    {}:\n\n      $ agentctl {}\n\nSubcommands:\n",
                                   resource.collection, first.empty() ? "" : " ", first,
                                   resource.about, resource.example_title, resource.example);
    for (const CommandRow& row : resource.commands)
        if (first.empty() || row.words.starts_with(std::string(first) + " "))
            text += fmt::format("    {:<33} {}\n", row.words, row.summary);
    return text + fmt::format("\n`agentctl {} <command> -h` shows a command's flags.\n",
                              resource.collection);
}

} // namespace agentctl
