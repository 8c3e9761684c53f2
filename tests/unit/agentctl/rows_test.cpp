// Every row of agentctl/resources: its command parses, shows its help, and sends what the row's
// fields say to an agent that only listens.

#include "program.hpp"
#include "scripted_agent.hpp"

#include "agentctl/api/given.hpp"
#include "agentctl/resources/rows.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace agentctl;
using namespace agentctl::test;
using agent::Json;

namespace {

struct Example {
    std::vector<std::string> words; ///< on the command line
    Json value;                     ///< in the request
};

Example example_of(const FlagRow& flag) {
    const std::string dash = "-" + std::string(flag.name);
    const std::string text = flag.name == "grant" ? "ids=*;type=*;actions=read" : "a b";
    switch (flag.kind) {
    case FlagKind::text:
    case FlagKind::nullable_text:
        return {{dash, text}, text};
    case FlagKind::number:
    case FlagKind::nullable_number:
        return {{dash, "0x11"}, 17};
    case FlagKind::truth:
        return {{dash, "false"}, false};
    case FlagKind::boolean:
        return {{dash}, true};
    case FlagKind::list:
    case FlagKind::nullable_list:
        return {{dash, text, dash, text}, Json::array({text, text})};
    case FlagKind::secret:
        return {{dash, "file://SECRET"}, "hush"};
    case FlagKind::source:
    case FlagKind::nullable_source:
        return {{dash, "file://SECRET"}, "hush"};
    case FlagKind::nullable_sources:
        return {{dash, "file://SECRET", dash, "plain"}, Json::array({"hush", "plain"})};
    case FlagKind::values: {
        const std::string name(flag.name);
        return {{dash, "a=1", "-string-" + name, "b=1", "-num-" + name, "c.d=2", "-bool-" + name,
                 "e=true"},
                {{"a", 1}, {"b", "1"}, {"c", {{"d", 2}}}, {"e", true}}};
    }
    case FlagKind::options:
        return {{dash, "a=1"}, {{"a", "1"}}};
    case FlagKind::pairs:
        return {{dash, "a=b", dash, "c=null"}, {{"a", "b"}, {"c", nullptr}}};
    case FlagKind::tags:
        return {{dash, "a=b,c", dash, "a=d"}, {{"a", Json::array({"b", "c", "d"})}}};
    }
    return {};
}

Json value_at(const Json& body, std::string field) {
    Json place = body;
    for (std::size_t at = 0; at <= field.size();) {
        const auto end = std::min(field.find('.', at), field.size());
        std::string part = field.substr(at, end - at);
        const bool first = part.ends_with("[0]");
        if (first) part.resize(part.size() - 3);
        if (!place.is_object() || !place.contains(part)) return "nothing";
        place = Json(place[part]);
        if (first) place = Json(place[0]);
        at = end + 1;
    }
    return place;
}

std::vector<std::string> words_of(const Resource& resource, const CommandRow& row) {
    std::vector<std::string> words{std::string(resource.collection)};
    std::string_view rest = row.words;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(' '), rest.size());
        words.emplace_back(rest.substr(0, end));
        rest = rest.substr(std::min(end + 1, rest.size()));
    }
    return words;
}

/// All of a row's flags at once.
std::vector<std::string> whole_line(const Resource& resource, const CommandRow& row,
                                    const std::string& secret_file) {
    auto words = words_of(resource, row);
    for (const FlagUse& use : row.flags)
        for (std::string word : example_of(*use.flag).words) {
            if (word == "file://SECRET") word = "file://" + secret_file;
            words.push_back(std::move(word));
        }
    words.insert(words.end(), {"-format", "json"});
    return words;
}

void check_list(const CommandRow& row, const Json& sent, const Resource& resource) {
    CHECK(sent["resource"] == resource.collection);
    for (const FlagUse& use : row.flags) {
        const std::string field(use.field.substr(use.field.starts_with('?') ? 1 : 0));
        const bool parent = use.flag->name == resource.container;
        INFO(field);
        const std::string member = parent ? "parent_id" : field;
        REQUIRE(sent.contains(member));
        CHECK(sent[member] == example_of(*use.flag).value);
    }
}

void check_call(const CommandRow& row, const Json& sent, const Resource& resource) {
    CHECK(sent["collection"] == resource.collection);
    CHECK(sent.value("action", "") == row.action);
    CHECK(sent.contains("id") == row.with_id);
    const Json body = sent.contains("body") ? *agent::parse_json(sent["body"].get<std::string>())
                                            : Json::object();
    for (const FlagUse& use : row.flags) {
        const Json value = example_of(*use.flag).value;
        INFO("-" << use.flag->name << " is " << use.field);
        if (use.field == "-") continue;
        if (use.field == "@id")
            CHECK(sent["id"] == value);
        else if (use.field.starts_with('?'))
            CHECK(sent.value("query", Json::object())
                      .value(std::string(use.field.substr(1)), Json()) ==
                  (value.is_string() ? value : Json(value.dump())));
        else
            CHECK(value_at(body, std::string(use.field)) == value);
    }
    const bool typed = resource.type_sent && row.operation == Operation::create;
    CHECK(body.contains("type") == typed);
}

} // namespace

TEST_CASE("rows: there is every resource, and every command has its words once") {
    std::size_t commands = 0;
    for (const Resource& resource : resources()) {
        for (const CommandRow& row : resource.commands) {
            const auto words = words_of(resource, row);
            const std::vector<std::string_view> rest(words.begin() + 1, words.end());
            std::size_t used = 0;
            INFO(resource.collection << " " << row.words);
            CHECK(find_command(resource, rest, used) == &row);
            CHECK(used == rest.size());
            CHECK_FALSE(row.summary.empty());
            ++commands;
        }
    }
    CHECK(resources().size() == 22);
    CHECK(commands == 180);
}

TEST_CASE("rows: each command's help names each of its flags") {
    const RuntimeDir dir;
    for (const Resource& resource : resources()) {
        Program group(dir, {std::string(resource.collection), "-h"});
        CHECK(group.await_exit() == 0);
        for (const CommandRow& row : resource.commands) {
            auto words = words_of(resource, row);
            INFO(resource.collection << " " << row.words);
            CHECK(group.out.find("\n    " + std::string(row.words) + " ") != std::string::npos);
            words.emplace_back("-h");
            Program program(dir, words);
            CHECK(program.await_exit() == 0);
            CHECK(program.out.find(row.summary) != std::string::npos);
            if (row.by == By::hand) continue;
            for (const FlagUse& use : row.flags)
                CHECK(program.out.find("\n  -" + std::string(use.flag->name)) != std::string::npos);
        }
    }
}

TEST_CASE("rows: each command sends each of its flags where its field says") {
    const RuntimeDir dir;
    const std::string secret = dir.path() + "/secret";
    std::ofstream(secret) << "hush\n";
    ScriptedAgent agent(dir.path());
    const Json item = {{"id", "x_1"}, {"version", 4}};
    agent.answer("List", {{"status_code", 200}, {"items", Json::array({item})}});
    agent.answer("Read", {{"status_code", 200}, {"item", item}});
    agent.answer("Delete", {{"status_code", 204}});
    agent.answer("CallApi", {{"status_code", 200}, {"body", item}});
    for (const Resource& resource : resources())
        for (const CommandRow& row : resource.commands) {
            if (row.by != By::row) continue;
            INFO(resource.collection << " " << row.words);
            Program program(dir, whole_line(resource, row, secret));
            CHECK(program.await_exit() == 0);
            CHECK(program.err.empty());
            CHECK(program.out.starts_with("{\"status_code\":20"));
            if (row.operation == Operation::list) {
                check_list(row, agent.calls("List").back(), resource);
            } else if (row.operation == Operation::remove ||
                       (row.operation == Operation::get && row.action.empty())) {
                const auto sent =
                    agent.calls(row.operation == Operation::get ? "Read" : "Delete").back();
                CHECK(sent["resource"] == resource.collection);
                CHECK(sent["id"] == "a b");
            } else {
                check_call(row, agent.calls("CallApi").back(), resource);
            }
        }
}

TEST_CASE("rows: without its required flags each command says what is missing and asks nobody") {
    const RuntimeDir dir;
    for (const Resource& resource : resources())
        for (const CommandRow& row : resource.commands) {
            bool required = !row.one_of.empty();
            for (const FlagUse& use : row.flags) required |= use.required;
            if (!required || row.by == By::hand) continue;
            INFO(resource.collection << " " << row.words);
            Program program(dir, words_of(resource, row));
            CHECK(program.await_exit() == 3);
            CHECK(program.out.empty());
            CHECK_FALSE(program.err.empty());
        }
}
