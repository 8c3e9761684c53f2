// Every command that is a row of resources/: declares its flags, checks them, asks the agent, and
// says what came of it.

#include "agentctl/api/ask.hpp"
#include "agentctl/api/curl.hpp"
#include "agentctl/api/plain.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/item_table.hpp"
#include "agentctl/output/list_table.hpp"
#include "agentctl/output/special_tables.hpp"
#include "agentctl/resources/rows.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace agentctl {
namespace {

using agent::Json;

Attempt attempt_of(const Resource& resource, const CommandRow& row) {
    const bool lists = row.operation == Operation::list;
    const auto first = row.words.substr(0, row.words.find(' '));
    const bool typed = !type_of(row).empty() &&
                       (first == "create" || first == "update" || first == "change-state");
    const std::string what = (typed ? std::string(type_of(row)) + "-type " : std::string()) +
                             std::string(lists ? resource.plural : resource.singular);
    const std::string doing(typed ? first : row.words);
    return {doing + " on " + what, doing + " " + what, &resource};
}

std::string items_json(std::int64_t status, const Json* items) {
    Json object = {{"status_code", status}};
    object["items"] = items == nullptr || items->empty() ? Json(nullptr) : *items;
    return agent::dump_json(object) + '\n';
}

std::string status_json(std::int64_t status) {
    return agent::dump_json(Json{{"status_code", status}}) + '\n';
}

Answer listed(const Resource& resource, ApiAnswer got, bool recursive) {
    const auto items = std::make_shared<std::vector<Json>>(std::move(got.items));
    return Answer([=, &resource] { return list_table(resource, *items, recursive); },
                  [=, status = got.status] {
                      Json all = Json::array();
                      for (auto& one : *items) all.push_back(std::move(one));
                      return items_json(status, &all);
                  });
}

Answer answer_of(const Resource& resource, const CommandRow& row, Given& given, ApiAnswer got) {
    if (row.prints == Prints::list) {
        const GivenFlag* recursive = given.find("recursive");
        return listed(resource, std::move(got), recursive != nullptr && recursive->truth);
    }
    if (row.operation == Operation::remove)
        return Answer("The delete operation completed successfully.\n", status_json(got.status));
    const bool nothing = !got.item.is_object() || got.item.empty();
    const Json* const items = agent::find_member(got.item, "items");
    const bool of_items = row.prints != Prints::item && row.prints != Prints::authority;
    const std::string json = of_items  ? items_json(got.status, items)
                             : nothing ? status_json(got.status)
                                       : item_json(got.status, got.item);
    if (!row.says.empty()) return Answer(std::string(row.says) + "\n", json);
    switch (row.prints) {
    case Prints::keys:
        return Answer(keys_table(items), json);
    case Prints::key_jobs:
        return Answer(key_jobs_table(items), json);
    case Prints::authority:
        return Answer(authority_table(got.item), json);
    case Prints::active_users:
        return Answer(active_users_table(items), json);
    case Prints::items: {
        std::vector<Json> all;
        if (items != nullptr && items->is_array()) all.assign(items->begin(), items->end());
        return Answer(list_table(resource, all, false), json);
    }
    case Prints::list:
    case Prints::item:
        break;
    }
    return Answer(item_table(resource, got.item), json);
}

} // namespace

Outcome run_row(const Invocation& invocation, const Resource& resource, const CommandRow& row) {
    ClientFlags client;
    std::optional<std::string> word;
    bool curl = false;
    Flags flags = invocation.flags();
    Given given(row, flags);
    GivenFlag* const path = given.path();
    if (path != nullptr) flags.positional("ID", word);
    flags.boolean("output-curl-string", curl, "Print the request as a curl command; send nothing.");
    client.add_to(flags);
    flags.ignore_extra_words();

    const auto parsed = flags.parse(invocation.arguments);
    if (!parsed) return say(Plain{parsed.error().message});
    invocation.printer.set_format(client.format_or_table());
    for (const auto& one : invocation.arguments)
        if (flags.may_be_seen(one)) invocation.line.show(one);
    if (flags.help_wanted()) return Answer(flags.help(), flags.help());
    if (!client.format()) return say(Plain{"Invalid output format: " + client.format_word(), 1});
    if (path != nullptr && !path->text) path->text = word;
    if (const auto wrong = wrong_words(resource, row, given)) {
        if (wrong->formatted) return bad_usage(wrong->text);
        return say(*wrong);
    }
    for (const auto& extra : flags.ignored())
        if (!invocation.printer.for_scripts())
            (void)say(Plain{"\"" + extra + "\" is no flag and is left out"});
    auto cluster = client.cluster();
    if (!cluster) return Failure{cluster.error(), {}};
    auto made = call_of(resource, row, given);
    if (const auto* plain = std::get_if<Plain>(&made)) return say(*plain);
    auto& call = std::get<ApiCall>(made);
    if (curl) {
        const auto command = curl_command(call, *cluster, wants_version(given));
        agent::wipe(call.body);
        if (!command) return Failure{command.error(), {}};
        return Answer(*command + "\n", *command + "\n");
    }
    if (row.by == By::file)
        return say(Plain{"agentctl writes no recordings to files yet: use the reference's command "
                         "for `" +
                             std::string(invocation.verb.name) + "`",
                         2});
    auto got = ask(row, given, std::move(call), std::move(*cluster));
    if (!got) return Failure{got.error(), attempt_of(resource, row)};
    return answer_of(resource, row, given, std::move(*got));
}

Outcome run_generic(const Invocation& invocation) {
    const std::string_view verb = invocation.verb.name;
    const auto arguments = invocation.arguments;
    const std::string id = arguments.empty() ? "" : arguments[0];
    if (id.empty() || id.starts_with('-')) {
        const std::string text = "Usage: agentctl " + std::string(verb) +
                                 " ID [flags]\n\n  The command of the resource that has this id, "
                                 "with its flags. Example:\n\n      $ agentctl " +
                                 std::string(verb) + " ttcp_1234567890\n";
        if (id == "-h" || id == "-help" || id == "--help") return Answer(text, text);
        print_error(text);
        return 1;
    }
    const IdOwner owner = owner_of(id);
    const std::string_view words[] = {verb, owner.type};
    std::size_t used = 0;
    const CommandRow* row =
        owner.resource == nullptr ? nullptr : find_command(*owner.resource, words, used);
    if (row == nullptr)
        return say(Plain{"no resource has ids such as \"" + id.substr(0, 80) + "\""});
    const std::string name =
        std::string(owner.resource->collection) + " " + std::string(row->words);
    const Verb typed{name, row->summary, nullptr};
    return run_row({typed, arguments, invocation.line, invocation.printer}, *owner.resource, *row);
}

} // namespace agentctl
