// connect, proxy, connect ssh: start a proxy and stay in the foreground with it, or with a command
// beside it, or leave at once (-detach). The reference's flags and variables; who ends what and
// when is in follow.hpp.

#include "ipc/messages/connect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/follow.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "agentctl/secret_source.hpp"
#include "agentctl/ssh_command.hpp"
#include "agentctl/stdio.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <utility>

namespace agentctl {
namespace {

struct ConnectFlags {
    std::optional<std::string> alias, target_id, target_name, scope_id, scope_name, host_id,
        listen_address, name, exec, username;
    std::optional<agent::Secret> token, short_token;
    std::optional<std::int64_t> listen_port, inactive_timeout_ms, keep_alive_ms;
    std::vector<std::string> passthrough;
    std::optional<std::string> after_cancel;
    bool detach = false, keep = false, eager = false, shared = false, no_warm = false,
         stdio = false, fdpass = false;

    void add_to(Flags& flags, bool ssh) {
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
        flags.duration(
            "inactive-timeout", inactive_timeout_ms,
            "End this long after the last connection closed, such as 30s or 1h5m; 0: never.");
        flags.text("name", name, "The proxy's name; chosen from the target when missing.");
        flags.boolean("keep", keep,
                      "Remember it: it keeps its name and port and comes back after a crash and at "
                      "login. Implies "
                      "-detach.");
        flags.boolean(
            "eager", eager,
            "With -keep: ask for a session at every start, not with the first connection.");
        flags.text("after-cancel", after_cancel,
                   "With -keep, when an administrator cancels its session: ask (wait for agentctl "
                   "reconnect) or "
                   "reauthorize.");
        flags.boolean("detach", detach, "Print where the proxy listens and return; it goes on.");
        flags.boolean("shared", shared,
                      "Other users of this machine may use the port; else they are refused.");
        flags.boolean("no-warm", no_warm,
                      "Open no connection to the worker before a client needs it.");
        flags.duration("keep-alive", keep_alive_ms,
                       "Silence before a ping to the worker, which is given up when it does not "
                       "answer; 30s, 0: never.");
        if (!ssh) {
            flags.boolean("stdio", stdio,
                          "Standard input and output are one connection, through a running proxy "
                          "if there is one: "
                          "ProxyCommand agentctl connect -target-id %h -stdio");
            flags.boolean("fdpass", fdpass,
                          "With -stdio: hand the connected socket to ssh, which needs "
                          "ProxyUseFdpass yes, and leave.");
        }
        flags.text("exec", exec,
                   ssh ? "Another program than ssh."
                       : "A command to run beside the proxy; the arguments after -- are its own. "
                         "{{boundary.ip}}, "
                         "{{boundary.port}} and {{boundary.addr}} in them are replaced.",
                   "BOUNDARY_CONNECT_EXEC");
        if (ssh) flags.text("username", username, "Who to log in as.", "BOUNDARY_CONNECT_USERNAME");
    }

    /// What is wrong with the combination; empty: nothing.
    std::string conflict(bool ssh) const {
        if (alias && target_id) return "give either an alias or -target-id, not both";
        const bool target = alias || target_id;
        if (token && (target || target_name))
            return "-authz-token already names the target: give no other";
        if (token && host_id)
            return "-authz-token already names the host: -host-id cannot change it";
        if (target && target_name) return "give either the target's id or its name, not both";
        if (target_name && !scope_id && !scope_name)
            return "-target-name needs -target-scope-id or -target-scope-name";
        if (!token && !target && !target_name)
            return "nothing to connect to: give an alias, -target-id, -target-name or -authz-token";
        if (listen_port && (*listen_port < 0 || *listen_port > 65535))
            return "-listen-port must be from 0 to 65535";
        if (stdio && (detach || exec || shared))
            return "-stdio is one connection without a port: give no -detach, -exec or -shared "
                   "with it";
        if (stdio && token && token->reveal() == "-")
            return "-stdio needs standard input for itself: give the token otherwise";
        if (fdpass && !stdio) return "-fdpass needs -stdio";
        if (listen_address == "none" && (exec || ssh))
            return "a command beside the proxy needs its port: -listen-addr none has none";
        if (keep && token) return "-keep needs a target: a token of today opens nothing tomorrow";
        if (!keep && (eager || after_cancel)) return "-eager and -after-cancel need -keep";
        if (after_cancel && *after_cancel != "ask" && *after_cancel != "reauthorize")
            return "-after-cancel is ask or reauthorize";
        if (keep && (exec || ssh || stdio))
            return "-keep leaves nobody to run a command: give no -exec with it";
        if (detach && (exec || ssh))
            return "-detach leaves nobody to run a command: give no -exec with it";
        if (!passthrough.empty() && !exec && !ssh)
            return "arguments after -- need -exec or a helper such as ssh";
        return {};
    }
};

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

agent::Result<ipc::Connect::Request> make_request(const ConnectFlags& flags, ipc::Cluster cluster) {
    ipc::Connect::Request request;
    request.cluster = std::move(cluster);
    if (flags.token) {
        auto token = authorization_token(*flags.token);
        if (!token) return token.error();
        request.authorization_token = std::move(*token);
    } else if (flags.target_name) {
        request.target_name = flags.target_name;
        request.scope_id = flags.scope_id;
        if (!flags.scope_id) request.scope_name = flags.scope_name;
    } else {
        request.target = flags.target_id ? flags.target_id : flags.alias;
    }
    request.host_id = flags.host_id;
    request.name = flags.name;
    request.listen_address = flags.listen_address;
    request.listen_port = flags.listen_port;
    if (flags.shared) request.shared = true;
    if (flags.keep) request.keep = true;
    if (flags.eager) request.eager = true;
    request.after_cancel = flags.after_cancel;
    if (flags.no_warm) request.no_warm = true;
    request.keep_alive_ms = flags.keep_alive_ms;
    if (flags.inactive_timeout_ms && *flags.inactive_timeout_ms > 0)
        request.inactive_timeout_ms = flags.inactive_timeout_ms;
    return request;
}

// What arrived while agentd was at work. A first Ctrl-C waits for the answer, so that a session
// that was authorized meanwhile is canceled and not left behind; a second one does not wait.
struct EarlySignals {
    int stops = 0;
    bool hangup = false;

    bool take(Signals& signals) {
        while (const auto signal = signals.take()) {
            if (signal->ssi_signo == SIGHUP) hangup = true;
            if (signal->ssi_signo == SIGINT || signal->ssi_signo == SIGTERM) ++stops;
        }
        return stops < 2;
    }
};

int run_beside(const std::vector<std::string>& words, const ipc::Proxy& proxy, Signals& signals,
               const Printer& printer) {
    std::vector<std::string> filled;
    for (const auto& word : words) filled.push_back(fill_templates(word, proxy));
    auto child = Child::start(filled, proxy);
    if (!child) {
        const auto stopped = stop_proxy(proxy.name, signals);
        const int code =
            printer.report({child.error(), Attempt{"exec", "run the command beside the proxy"}});
        if (!stopped)
            printer.report({stopped.error(), Attempt{"disconnect", "end proxy " + proxy.name}});
        return code;
    }
    FollowOptions options;
    options.quiet = true;
    return follow(proxy, signals, printer, options, &*child);
}

Outcome run(const Invocation& invocation, bool ssh) {
    const Attempt attempt{"authorize-session on a session against target", "connect"};
    ClientFlags client;
    ConnectFlags connect;
    Flags flags = invocation.flags();
    connect.stdio = invocation.verb.name == "nc";
    connect.add_to(flags, ssh);
    client.add_to(flags);
    client.leave_standard_input(connect.stdio);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    if (connect.short_token) connect.token = std::exchange(connect.short_token, {});
    connect.detach = connect.detach || connect.keep;
    const Printer& printer = invocation.printer;
    if (const std::string conflict = connect.conflict(ssh); !conflict.empty())
        return bad_usage(conflict);
    auto request = make_request(connect, std::move(begun.cluster));
    connect.token.reset();
    if (!request) return Failure{request.error(), attempt};
    if (connect.fdpass) return run_fdpass(std::move(*request), attempt);
    if (connect.stdio) return run_stdio(std::move(*request), attempt);

    Signals signals;
    EarlySignals early;
    const ipc::Watched watched{signals.fd(), [&] { return early.take(signals); }};
    const auto answer =
        call_agent_more<ipc::Connect>(*request, [](const ipc::Connect::Response&) {}, watched);
    request->authorization_token.reset(); // we may stay for hours
    request->cluster.reset();
    if (!answer) return Failure{answer.error(), attempt};
    if (!answer->proxy)
        return Failure{agent::fail(agent::Errc::internal, agent::Hop::agent,
                                   "agentd answered without a proxy"),
                       attempt};
    const ipc::Proxy& proxy = *answer->proxy;
    const auto credentials = answer->credentials.value_or(std::vector<agent::Json>());
    early.take(signals);
    if (early.stops > 0) {
        const auto stopped = stop_proxy(proxy.name, signals);
        if (!stopped)
            return Failure{stopped.error(), Attempt{"disconnect", "end proxy " + proxy.name}};
        return termination("Received shutdown signal");
    }
    if (early.hangup) return 0;

    if (ssh) {
        auto command = SshCommand::make(connect.exec.value_or("ssh"), connect.passthrough,
                                        connect.username, proxy, credentials);
        if (!command) {
            const auto stopped = stop_proxy(proxy.name, signals);
            if (!stopped)
                printer.report({stopped.error(), Attempt{"disconnect", "end proxy " + proxy.name}});
            return Failure{command.error(), Attempt{"ssh", "prepare ssh"}};
        }
        printer.say(brokered(command->unused()));
        return run_beside(command->words(), proxy, signals, printer);
    }
    if (connect.exec) {
        printer.say(brokered(credentials));
        std::vector<std::string> words{*connect.exec};
        words.insert(words.end(), connect.passthrough.begin(), connect.passthrough.end());
        return run_beside(words, proxy, signals, printer);
    }
    printer.say(listening(proxy, credentials, connect.detach));
    if (connect.detach) return 0;
    return follow(proxy, signals, printer);
}

} // namespace

Outcome connect(const Invocation& invocation) {
    return run(invocation, false);
}

Outcome connect_ssh(const Invocation& invocation) {
    return run(invocation, true);
}

} // namespace agentctl
