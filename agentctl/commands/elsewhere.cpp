// The reference's commands that are about something agentctl is not: one sentence each, so that
// nobody searches.

#include "agentctl/api/plain.hpp"
#include "agentctl/commands/verbs.hpp"
#include "base/command_line.hpp"

namespace agentctl {

Outcome elsewhere(const Invocation& invocation) {
    struct Sentence {
        std::string_view name;
        const char* text;
        int exit;
    };
    static constexpr Sentence sentences[] = {
        {"server",
         "agentctl is the client's side: a controller or worker is run by the reference's own "
         "`boundary server`, a server for trying things by `agentctl dev`.",
         3},
        {"database",
         "agentctl is the client's side: a controller's database is made and migrated by the "
         "reference's own `boundary database`.",
         3},
        {"config encrypt",
         "This is about a server's configuration, which the reference's own `boundary config` "
         "encrypts.",
         3},
        {"config decrypt",
         "This is about a server's configuration, which the reference's own `boundary config` "
         "decrypts.",
         3},
        {"search", "agentctl has no search yet: list with -filter, or with -recursive.", 3},
        {"config autocomplete", "agentctl installs no completion yet.", 3},
        {"client-agent", "'agentctl client-agent' is not supported on this platform.", 3},
    };
    const std::string_view name = invocation.verb.name;
    for (const Sentence& one : sentences)
        if (name == one.name || name.starts_with(std::string(one.name) + " "))
            return say(Plain{one.text, one.exit});
    return say(Plain{std::string(name) + " is not a command of agentctl", 3});
}

Outcome cache(const Invocation& invocation) {
    constexpr std::string_view said = "The cache add-token operation completed successfully.\n";
    const std::string_view name = invocation.verb.name;
    Answer answer;
    if (name.ends_with("add-token"))
        answer = Answer(std::string(said), std::string("{\"status_code\":204}\n"));
    if (name.starts_with("daemon"))
        answer.aside("The 'daemon' command is deprecated and will be removed in a future release. "
                     "Please use the 'cache' command instead.\n");
    return answer;
}

Outcome get_token(const Invocation& invocation) {
    std::optional<std::string> name, keyring;
    bool user = false, account = false, method = false;
    Flags flags = invocation.flags();
    flags.text("token-name", name, "Accepted; the agent gives out no stored token.",
               "BOUNDARY_TOKEN_NAME");
    flags.text("keyring-type", keyring, "Accepted; the agent gives out no stored token.",
               "BOUNDARY_KEYRING_TYPE");
    flags.boolean("user-id", user, "The login's user: `agentctl status` shows it.");
    flags.boolean("account-id", account, "Not known to the agent.");
    flags.boolean("auth-method-id", method, "Not known to the agent.");
    const auto parsed = flags.parse(invocation.arguments);
    if (!parsed) return say(Plain{parsed.error().message});
    if (flags.help_wanted()) return Answer(flags.help(), flags.help());
    if (static_cast<int>(user) + static_cast<int>(account) + static_cast<int>(method) > 1)
        return say(Plain{"give only one of -user-id, -account-id and -auth-method-id"});
    const auto token = agent::take_from_environment("BOUNDARY_TOKEN");
    if (token && !token->empty() && !user && !account && !method) {
        const std::string line = std::string(token->reveal()) + "\n";
        return Answer(line, line);
    }
    std::string text = "No token could be discovered";
    if (keyring != "none" && name != "none")
        text += "\nThe agent keeps the stored login and gives its token to nobody. A program that "
                "needs one: agentctl authenticate -keyring-type none -format json";
    return say(Plain{text, 2});
}

} // namespace agentctl
