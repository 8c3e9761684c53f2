// agentctl: the table of its verbs, and the way from the command line to one of them. Everything
// else is in commands/.

#include "agentctl/commands/verbs.hpp"
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
    {"connect ssh", "Start a proxy and run ssh through it.", connect_ssh},
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
    {"targets list", "List targets.", list, "targets"},
    {"targets read", "Show a target.", read, "targets"},
    {"targets authorize-session", "Ask for a session to a target; prints its authorization token.",
     authorize_session},
    {"targets authorize", "The same as authorize-session.", authorize_session},
    {"sessions list", "List sessions.", list, "sessions"},
    {"sessions read", "Show a session, its states and connections.", read, "sessions"},
    {"sessions cancel", "Cancel a session and cut its connections.", cancel_session},
    {"scopes list", "List scopes.", list, "scopes"},
    {"scopes read", "Show a scope.", read, "scopes"},
    {"auth-methods list", "List auth methods.", list, "auth-methods"},
    {"auth-methods read", "Show an auth method.", read, "auth-methods"},
    {"auth-tokens list", "List auth tokens.", list, "auth-tokens"},
    {"auth-tokens read", "Show an auth token; id \"self\" is the caller's own.", read,
     "auth-tokens"},
    {"auth-tokens delete", "Delete an auth token.", delete_resource, "auth-tokens"},
    {"host-catalogs list", "List host catalogs.", list, "host-catalogs"},
    {"host-catalogs read", "Show a host catalog.", read, "host-catalogs"},
    {"host-sets list", "List a catalog's host sets.", list, "host-sets"},
    {"host-sets read", "Show a host set.", read, "host-sets"},
    {"hosts list", "List a catalog's hosts.", list, "hosts"},
    {"hosts read", "Show a host.", read, "hosts"},
    {"aliases list", "List aliases.", list, "aliases"},
    {"aliases read", "Show an alias.", read, "aliases"},
    {"users list", "List users.", list, "users"},
    {"users read", "Show a user.", read, "users"},
    {"console", "Open the admin console in a browser.", console},
    {"dev", "Run the development server in the foreground.", dev},
    {"version", "Show agentctl's version.", version},
};

// All verbs, or those of one group ("targets").
std::string help(std::string_view group) {
    std::string text =
        group.empty()
            ? "Usage: agentctl <command> [arguments]\n\nCommands:\n"
            : fmt::format("Usage: agentctl {} <command> [arguments]\n\nCommands:\n", group);
    for (const Verb& verb : verbs)
        if (group.empty() || verb.name.starts_with(std::string(group) + " "))
            text += fmt::format("  {:<27} {}\n", verb.name, verb.summary);
    return text + "\n`agentctl <command> -h` shows a command's flags.\n";
}

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

int run(agent::CommandLine& line) {
    Printer printer;
    auto words = line.words();
    if (words.empty()) {
        print_error(help({}));
        return 1;
    }
    if (asks_for_help(words[0]) || words[0] == "help") {
        print_out(help({}));
        return 0;
    }
    if (words[0] == "-v" || words[0] == "-version" || words[0] == "--version") words[0] = "version";
    for (const std::size_t length : {2u, 1u}) {
        if (words.size() < length) continue;
        const Verb* verb = find_verb(length == 2 ? words[0] + " " + words[1] : words[0]);
        if (verb == nullptr) continue;
        for (const auto& word : words.first(length)) line.show(word);
        return printer.finish(verb->run({*verb, words.subspan(length), line, printer}));
    }
    const std::string_view group =
        is_group(words[0]) ? std::string_view(words[0]) : std::string_view();
    if (!group.empty() && words.size() > 1 && asks_for_help(words[1])) {
        print_out(help(group));
        return 0;
    }
    print_error(help(group));
    return 1;
}

} // namespace
} // namespace agentctl

int main(int argc, char** argv) {
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
