// agentctl: the table of its verbs, and the way from the command line to one of them. Everything
// else is in commands/.

#include "agentctl/commands/verbs.hpp"
#include "agentctl/help.hpp"
#include "agentctl/helpers/askpass.hpp"
#include "agentctl/inherited.hpp"
#include "base/caught.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

namespace agentctl {
namespace {

constexpr Verb verbs[] = {
    {"authenticate", "Log in by the scope's primary auth method.", authenticate},
    {"authenticate password", "Log in with a login name and a password.", authenticate},
    {"authenticate ldap", "Log in with a directory's name and password.", authenticate},
    {"login", "Log in to a cluster; asks it how, and then for name and password.", login},
    {"logout", "Delete the stored login, and with it its sessions.", logout},
    {"connect", "Start a proxy to a target and stay with it.", connect},
    {"connect cassandra", "Start a proxy and run cqlsh through it.", connect_helper},
    {"connect http", "Start a proxy and run curl through it.", connect_helper},
    {"connect kube", "Start a proxy and run kubectl through it.", connect_helper},
    {"connect mongo", "Start a proxy and run mongosh through it.", connect_helper},
    {"connect mysql", "Start a proxy and run mysql or mariadb through it.", connect_helper},
    {"connect postgres", "Start a proxy and run psql through it.", connect_helper},
    {"connect rdp", "Start a proxy and run xfreerdp or Remmina through it.", connect_helper},
    {"connect redis", "Start a proxy and run redis-cli through it.", connect_helper},
    {"connect ssh", "Start a proxy and run ssh through it.", connect_helper},
    {"nc", "Make standard input and output a connection to a target; the same as connect -stdio.",
     connect},
    {"ssh-config", "Print, or write, an ssh include file with a Host for each target.", ssh_config},
    {"proxy", "Start a proxy from an authorization token; the same as connect.", connect},
    {"list", "Show the running proxies.", list_proxies},
    {"attach", "Come back to a running proxy.", attach},
    {"disconnect", "End a proxy and its session.", disconnect},
    {"reconnect", "Ask for a new session for a proxy that is kept, or start it again.", reconnect},
    {"why", "Explain what stands between a proxy and its target.", why},
    {"status", "Show what the agent is and holds.", status},
    {"watch", "Show events as they happen.", watch},
    {"start", "Start the agent if it does not run.", start},
    {"enable", "Start the agent at login.", enable},
    {"disable", "Do not start the agent at login.", disable},
    {"reload", "Read config.toml again and apply what has changed.", reload},
    {"config check", "Check config.toml, or another file.", config_check},
    {"clusters list", "Show the clusters that have names, and who is signed in there.",
     list_clusters},
    {"clusters add", "Give a controller a name.", add_cluster},
    {"clusters remove", "Forget a cluster.", remove_cluster},
    {"clusters use", "Choose the cluster that is meant when none is named.", use_cluster},
    {"keyring", "Show where logins are kept.", list_keyrings},
    {"keyring move", "Keep every login in another keyring, and later ones as well.", move_logins},
    {"targets authorize-session", "Ask for a session to a target; prints its authorization token.",
     authorize_session},
    {"targets authorize", "The same as authorize-session.", authorize_session},
    {"sessions cancel", "Cancel a session and cut its connections.", cancel_session},
    {"console", "Open the admin console in a browser.", console},
    {"dev", "Run the development server in the foreground.", dev},
    {"config get-token", "Print the token in BOUNDARY_TOKEN; the agent gives out none.", get_token},
    {"config encrypt", "", elsewhere},
    {"config decrypt", "", elsewhere},
    {"server", "", elsewhere},
    {"database", "", elsewhere},
    {"database init", "", elsewhere},
    {"database migrate", "", elsewhere},
    {"client-agent", "", elsewhere},
    {"search", "", elsewhere},
    {"config autocomplete", "", elsewhere},
    {"cache start", "", cache},
    {"cache stop", "", cache},
    {"cache add-token", "", cache},
    {"cache status", "", status},
    {"daemon start", "", cache},
    {"daemon stop", "", cache},
    {"daemon add-token", "", cache},
    {"daemon status", "", status},
    {"read", "", run_generic},
    {"update", "", run_generic},
    {"delete", "", run_generic},
    {"version", "Show agentctl's version.", version},
};

bool is_group(std::string_view word) {
    return std::ranges::any_of(
        verbs, [&](const Verb& verb) { return verb.name.starts_with(std::string(word) + " "); });
}

bool asks_for_help(std::string_view word) {
    return word == "-h" || word == "-help" || word == "--help";
}

const Verb* find_verb(std::string_view name) {
    const auto* found = std::ranges::find(verbs, name, &Verb::name);
    return found == std::end(verbs) ? nullptr : found;
}

int tell(const std::string& text, bool asked, int code) {
    (asked ? print_out : print_error)(text);
    return asked ? 0 : code;
}

/// Its commands, or the help that lists them.
int run_resource(const Resource& resource, agent::CommandLine& line, Printer& printer) {
    auto words = line.words();
    const std::vector<std::string_view> rest(words.begin() + 1, words.end());
    std::size_t used = 0;
    const CommandRow* row = find_command(resource, rest, used);
    if (row == nullptr) {
        const bool asked = !rest.empty() && asks_for_help(rest.back());
        const bool half = !rest.empty() && std::ranges::any_of(resource.commands, [&](auto& one) {
            return one.words.starts_with(std::string(rest[0]) + " ");
        });
        return tell(resource_help(resource, half ? rest[0] : std::string_view()), asked, 1);
    }
    for (const auto& word : words.first(used + 1)) line.show(word);
    const std::string name = std::string(resource.collection) + " " + std::string(row->words);
    const Verb verb{name, row->summary, nullptr};
    return printer.finish(run_row({verb, words.subspan(used + 1), line, printer}, resource, *row));
}

int run(agent::CommandLine& line) {
    Printer printer;
    auto words = line.words();
    if (words.empty()) return tell(whole_help(verbs), false, 1);
    if (asks_for_help(words[0]) || words[0] == "help") return tell(whole_help(verbs), true, 0);
    if (words[0] == "-v" || words[0] == "-version" || words[0] == "--version") words[0] = "version";
    for (const std::size_t length : {2u, 1u}) {
        if (words.size() < length) continue;
        const Verb* verb = find_verb(length == 2 ? words[0] + " " + words[1] : words[0]);
        if (verb == nullptr) continue;
        for (const auto& word : words.first(length)) line.show(word);
        return printer.finish(verb->run({*verb, words.subspan(length), line, printer}));
    }
    if (const Resource* resource = find_resource(words[0]))
        return run_resource(*resource, line, printer);
    const bool asked = words.size() > 1 && asks_for_help(words[1]);
    if (is_group(words[0])) return tell(group_help(verbs, words[0]), asked, 1);
    return tell(whole_help(verbs), false, 127);
}

} // namespace
} // namespace agentctl

int main(int argc, char** argv) {
    if (const auto code = agentctl::helpers::answer_as_askpass(argc, argv)) return *code;
    agent::CommandLine line(argc,
                            argv); // before anything else: each moment they are there to be read
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0,
            0); // passwords and tokens pass through here; children get their own setting back
    std::signal(SIGPIPE, SIG_IGN);
    agentctl::keep_files_private();
    int code = 2;
    try {
        code = agentctl::run(line);
    } catch (...) {
        agentctl::print_error(fmt::format("agentctl: {}\n", agent::caught_text()));
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        std::fputs("agentctl: standard output could not be written\n", stderr);
        if (code == 0) code = 2;
    }
    return code;
}
