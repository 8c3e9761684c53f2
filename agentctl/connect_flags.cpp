#include "agentctl/connect_flags.hpp"

#include "agentctl/helpers/table.hpp"
#include "agentctl/secret_source.hpp"
#include "base/duration.hpp"
#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <utility>

namespace agentctl {
namespace {

agent::Result<agent::Secret> given_token(const agent::Secret& flag) {
    if (names_a_source(flag.reveal())) return read_secret_source(flag.reveal(), "-authz-token");
    return flag;
}

// The token as people have it: with a line's end, or inside the JSON that authorize-session
// printed.
agent::Result<agent::Secret> authorization_token(const agent::Secret& flag) {
    auto text = given_token(flag);
    if (!text || !text->reveal().starts_with('{')) return text;
    const auto object = agent::parse_secret_json(*text);
    const agent::Json* holder = object ? &static_cast<const agent::Json&>(*object) : nullptr;
    if (holder != nullptr && agent::find_member(*holder, "item") != nullptr)
        holder = agent::find_member(*holder, "item");
    std::string token =
        holder == nullptr ? "" : agent::string_member(*holder, "authorization_token");
    if (token.empty())
        return agent::fail(agent::Errc::invalid_authorization, agent::Hop::local,
                           "the JSON has no member authorization_token");
    return agent::Secret(std::move(token));
}

// Nothing: it is none. Boundary's own command takes a number for seconds, and "system" for its
// platform's default, which is none here.
std::optional<std::int64_t> inactive_timeout_ms_in(const std::string& text) {
    if (text == "system") return -1;
    const bool negative = text.starts_with('-');
    const std::string amount = text.substr(negative ? 1 : 0);
    auto parsed = agent::parse_duration(amount);
    if (!parsed) parsed = agent::parse_duration(amount + "s");
    if (!parsed) return std::nullopt;
    return negative ? -1 : parsed->count();
}

} // namespace

void ConnectFlags::add_to(Flags& flags, const helpers::Helper* of) {
    flags.positional("ALIAS", alias);
    flags.passthrough(passthrough);
    flags.text("target-id", target_id, "The target's id or alias.");
    flags.text("target-name", target_name,
               "The target's name; needs -target-scope-id or -target-scope-name.");
    flags.text("target-scope-id", scope_id, "The scope of the target's name.",
               "BOUNDARY_CONNECT_TARGET_SCOPE_ID");
    flags.text("target-scope-name", scope_name, "The same by the scope's name.",
               "BOUNDARY_CONNECT_TARGET_SCOPE_NAME");
    flags.text("host-id", host_id, "Which of the target's hosts; one is chosen when missing.");
    flags.secret("authz-token", token,
                 "Where an authorization token is, or the JSON object that holds one: - for "
                 "standard input, "
                 "env://NAME or file://PATH. It may be the token itself, which then is for "
                 "every user of this "
                 "machine to read until agentctl has started.",
                 "BOUNDARY_CONNECT_AUTHZ_TOKEN");
    flags.secret("authz", short_token, "The same as -authz-token.");
    flags.text("listen-addr", listen_address,
               "Local address to listen on; 127.0.0.1 when missing, \"none\" for the Unix "
               "socket alone. An address of a "
               "network, 0.0.0.0 or :: lets other machines in.",
               "BOUNDARY_CONNECT_LISTEN_ADDR");
    flags.number("listen-port", listen_port,
                 "Local port; else the target's default client port, else a free one.",
                 "BOUNDARY_CONNECT_LISTEN_PORT");
    flags.text("inactive-timeout", inactive_timeout,
               "End this long after the last connection closed, such as 30s or 1h5m (a number "
               "alone: seconds); 0: never.");
    flags.text("name", name, "The proxy's name; chosen from the target when missing.");
    flags.boolean("keep", keep,
                  "Remember it: it keeps its name and port and comes back after a crash and at "
                  "login. Implies "
                  "-detach, but for a command beside it: the proxy goes on when that ends.");
    flags.boolean("eager", eager,
                  "With -keep: ask for a session at every start, not with the first connection.");
    flags.text("after-cancel", after_cancel,
               "With -keep, when an administrator cancels its session: ask (wait for agentctl "
               "reconnect) or "
               "reauthorize.");
    flags.boolean("detach", detach, "Print where the proxy listens and return; it goes on.");
    flags.boolean("die-with-parent", die_with_parent,
                  "The proxy and its session end with whoever started this command, and with this "
                  "command itself, however they end.",
                  "AGENTCTL_DIE_WITH_PARENT");
    flags.boolean("shared", shared,
                  "Other users of this machine may use the port; else they are refused.");
    flags.boolean("no-warm", no_warm, "Open no connection to the worker before a client needs it.");
    flags.duration("keep-alive", keep_alive_ms,
                   "Silence before a ping to the worker, which is given up when it does not "
                   "answer; 30s, 0: never.");
    if (of == nullptr) {
        flags.boolean("stdio", stdio,
                      "Standard input and output are one connection, through a running proxy "
                      "if there is one: "
                      "ProxyCommand agentctl connect -target-id %h -stdio");
        flags.boolean("fdpass", fdpass,
                      "With -stdio: hand the connected socket to ssh, which needs "
                      "ProxyUseFdpass yes, and leave.");
    }
    flags.text("exec", exec,
               of != nullptr
                   ? "Another program than the style's; its arguments stay."
                   : "A command to run beside the proxy; the arguments after -- are its own. "
                     "{{boundary.ip}}, "
                     "{{boundary.port}} and {{boundary.addr}} in them are replaced.",
               "BOUNDARY_CONNECT_EXEC");
    if (of == nullptr) return;
    for (const auto& flag : of->flags)
        flags.text(std::string(flag.name), helper.*flag.value, std::string(flag.help),
                   std::string(flag.environment));
}

void ConnectFlags::settle(const Flags& flags, const helpers::Helper* of) {
    // The variable is for all that a script starts; what outlives everybody is not meant by it.
    if ((keep || stdio) && !flags.given("die-with-parent")) die_with_parent = false;
    if (short_token) token = std::exchange(short_token, {});
    detach = detach || (keep && of == nullptr);
}

// A word in front that nobody knows is an alias, unless something says that it cannot be one.
std::string ConnectFlags::unknown_helper(const helpers::Helper* of) const {
    return of != nullptr || !alias ? std::string() : no_helper(*alias) + ", and as an alias: ";
}

std::string no_helper(std::string_view name) {
    return "there is no helper \"" + std::string(name) + "\" (there are " + helpers::names() + ")";
}

std::string ConnectFlags::conflict(const helpers::Helper* of) const {
    const bool command = exec || of != nullptr;
    if (alias && target_id)
        return unknown_helper(of) + "give either an alias or -target-id, not both";
    const bool target = alias || target_id;
    if (token && (target || target_name))
        return "-authz-token already names the target: give no other";
    if (token && host_id) return "-authz-token already names the host: -host-id cannot change it";
    if (target && target_name) return "give either the target's id or its name, not both";
    if (target_name && !scope_id && !scope_name)
        return "-target-name needs -target-scope-id or -target-scope-name";
    if (!token && !target && !target_name)
        return "nothing to connect to: give an alias, -target-id, -target-name or -authz-token";
    if (listen_port && (*listen_port < 0 || *listen_port > 65535))
        return "-listen-port must be from 0 to 65535";
    if (inactive_timeout && !inactive_timeout_ms_in(*inactive_timeout))
        return "-inactive-timeout is a duration such as 30s or 1h5m, seconds, or system";
    if (stdio && (detach || exec || shared))
        return "-stdio is one connection without a port: give no -detach, -exec or -shared "
               "with it";
    if (stdio && token && token->reveal() == "-")
        return "-stdio needs standard input for itself: give the token otherwise";
    if (fdpass && !stdio) return "-fdpass needs -stdio";
    if (listen_address == "none" && command)
        return "a command beside the proxy needs its port: -listen-addr none has none";
    if (keep && token) return "-keep needs a target: a token of today opens nothing tomorrow";
    if (!keep && (eager || after_cancel)) return "-eager and -after-cancel need -keep";
    if (die_with_parent && (keep || stdio))
        return "-die-with-parent is for a proxy that is neither kept nor shared by commands: give "
               "no -keep or -stdio with it";
    if (after_cancel && *after_cancel != "ask" && *after_cancel != "reauthorize")
        return "-after-cancel is ask or reauthorize";
    if (keep && (stdio || (exec && of == nullptr)))
        return "-keep leaves nobody to run a command: give no -exec with it";
    if (detach && command) return "-detach leaves nobody to run a command: give no -exec with it";
    if (!passthrough.empty() && !command)
        return unknown_helper(of) + "arguments after -- need -exec or a helper such as ssh";
    return {};
}

agent::Result<ipc::Connect::Request> ConnectFlags::request(ipc::Cluster cluster) const {
    ipc::Connect::Request request;
    request.cluster = std::move(cluster);
    if (token) {
        auto read = authorization_token(*token);
        if (!read) return read.error();
        request.authorization_token = std::move(*read);
    } else if (target_name) {
        request.target_name = target_name;
        request.scope_id = scope_id;
        if (!scope_id) request.scope_name = scope_name;
    } else {
        request.target = target_id ? target_id : alias;
    }
    request.host_id = host_id;
    request.name = name;
    request.listen_address = listen_address;
    request.listen_port = listen_port;
    if (shared) request.shared = true;
    if (keep) request.keep = true;
    if (eager) request.eager = true;
    request.after_cancel = after_cancel;
    if (no_warm) request.no_warm = true;
    request.keep_alive_ms = keep_alive_ms;
    if (die_with_parent) request.ends_with_pid = detach ? ::getppid() : ::getpid();
    if (inactive_timeout) request.inactive_timeout_ms = inactive_timeout_ms_in(*inactive_timeout);
    if (request.inactive_timeout_ms.value_or(0) <= 0) request.inactive_timeout_ms.reset();
    return request;
}

} // namespace agentctl
