// connect, proxy and the helpers (connect ssh …): start a proxy and stay in the foreground with it,
// or with a command beside it, or leave at once (-detach). The reference's flags and variables; who
// ends what and when is in follow.hpp, what a helper runs in helpers/.

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/connect_flags.hpp"
#include "agentctl/follow.hpp"
#include "agentctl/helpers/command.hpp"
#include "agentctl/helpers/table.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "agentctl/stdio.hpp"
#include "base/printable.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <utility>

namespace agentctl {
namespace {

const Attempt connecting{"authorize-session on a session against target", "connect"};

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

/// The proxy that there is now, and what may be done with it.
struct Beside {
    const ipc::Proxy& proxy;
    FollowOptions options;
    Signals& signals;
    const Printer& printer;

    /// Of a command that could not be started.
    Failure give_up(Failure failure) const {
        const auto stopped = options.keep_proxy ? agent::Status() : stop_proxy(proxy.name, signals);
        if (!stopped)
            printer.report({stopped.error(), Attempt{"disconnect", "end proxy " + proxy.name}});
        return failure;
    }
    int follow_child(Child child) const { return follow(proxy, signals, printer, options, &child); }
    std::vector<std::string> filled(std::vector<std::string> words) const {
        for (auto& word : words) word = fill_templates(std::move(word), proxy);
        return words;
    }
};

Outcome run_command(std::vector<std::string> words, const Beside& beside) {
    const auto filled = beside.filled(std::move(words));
    auto child = Child::start(filled, beside.proxy, {},
                              "Failed to run command: exec: " + agent::printable(filled[0]));
    if (!child) return beside.give_up({child.error(), {}});
    return beside.follow_child(std::move(*child));
}

void forget(std::vector<agent::Json>& credentials) {
    for (auto& one : credentials) agent::wipe(one);
    credentials.clear();
}

Outcome run_helper(const helpers::Wanted& wanted, std::vector<agent::Json> credentials,
                   const Beside& beside) {
    auto command = helpers::Command::make(wanted, beside.proxy, credentials);
    if (!command) return beside.give_up({command.error(), {}});
    for (const auto& warning : command->warnings()) print_error(agent::printable(warning) + "\n");
    auto rest = command->rest();
    beside.printer.say(brokered(rest));
    forget(rest);
    forget(credentials);
    const auto words = beside.filled(command->words());
    auto child = Child::start(words, beside.proxy, command->environment(),
                              "Failed to run command: fork/exec " + agent::printable(words[0]));
    if (!child) {
        agent::Error problem = child.error();
        problem.hint = "Install it, or name another program with -exec.";
        return beside.give_up({std::move(problem), {}});
    }
    command->started();
    return beside.follow_child(std::move(*child));
}

Flags flags_for(const Invocation& invocation, const helpers::Helper* helper) {
    std::string summary(invocation.verb.summary);
    if (helper != nullptr) summary += "\n\nFor example:\n  " + std::string(helper->example);
    return {std::string(invocation.verb.name), std::move(summary)};
}

/// Of bad usage: which helper is spoken about, or that the word in front is none.
Outcome with_advice(Outcome outcome, const Invocation& invocation, const helpers::Helper* helper) {
    auto* failure = std::get_if<Failure>(&outcome);
    if (failure == nullptr || failure->attempt || !failure->error.hint.empty()) return outcome;
    const std::string name(invocation.verb.name);
    if (helper != nullptr) {
        failure->error.hint = "`agentctl " + name + " -h` shows the flags of " + name + ".";
    } else if (!invocation.arguments.empty() && !invocation.arguments[0].empty() &&
               invocation.arguments[0][0] != '-' && name == "connect") {
        failure->error.hint = "If a helper was meant: " + no_helper(invocation.arguments[0]) + ".";
    }
    return outcome;
}

Outcome run(const Invocation& invocation, const helpers::Helper* helper) {
    ClientFlags client;
    ConnectFlags connect;
    Flags flags = flags_for(invocation, helper);
    connect.stdio = invocation.verb.name == "nc";
    connect.add_to(flags, helper);
    client.add_to(flags);
    client.leave_standard_input(connect.stdio);
    auto begun = begin(invocation, flags, client);
    if (begun.finished) return with_advice(std::move(*begun.finished), invocation, helper);
    connect.settle(flags, helper);
    const Printer& printer = invocation.printer;
    if (const std::string conflict = connect.conflict(helper); !conflict.empty())
        return bad_usage(conflict);
    auto request = connect.request(std::move(begun.cluster));
    connect.token.reset();
    if (!request) return Failure{request.error(), connecting};
    if (connect.fdpass) return run_fdpass(std::move(*request), connecting);
    if (connect.stdio) return run_stdio(std::move(*request), connecting);

    Signals signals;
    if (connect.die_with_parent) signals.watch_parent();
    EarlySignals early;
    const ipc::Watched watched{signals.fd(), [&] { return early.take(signals); }};
    auto answer =
        call_agent_more<ipc::Connect>(*request, [](const ipc::Connect::Response&) {}, watched);
    request->authorization_token.reset(); // we may stay for hours
    request->cluster.reset();
    if (!answer) return Failure{answer.error(), connecting};
    if (!answer->proxy)
        return Failure{agent::fail(agent::Errc::internal, agent::Hop::agent,
                                   "agentd answered without a proxy"),
                       connecting};
    const ipc::Proxy& proxy = *answer->proxy;
    auto credentials = std::exchange(answer->credentials, {}).value_or(std::vector<agent::Json>());
    early.take(signals);
    if (early.stops > 0) {
        const auto stopped = stop_proxy(proxy.name, signals);
        if (!stopped)
            return Failure{stopped.error(), Attempt{"disconnect", "end proxy " + proxy.name}};
        return termination("Received shutdown signal");
    }
    if (early.hangup) return 0;

    FollowOptions options;
    options.die_with_us = connect.die_with_parent;
    options.keep_proxy = connect.keep;
    options.quiet = helper != nullptr || connect.exec;
    const Beside beside{proxy, options, signals, printer};
    if (helper != nullptr)
        return run_helper({*helper, std::move(connect.helper), std::move(connect.exec),
                           std::move(connect.passthrough)},
                          std::move(credentials), beside);
    if (connect.exec) {
        printer.say(
            listening(proxy, credentials, false)); // as the reference does; a helper does not
        forget(credentials);
        std::vector<std::string> words{*connect.exec};
        words.insert(words.end(), connect.passthrough.begin(), connect.passthrough.end());
        return run_command(std::move(words), beside);
    }
    printer.say(listening(proxy, credentials, connect.detach));
    forget(credentials);
    if (connect.detach) return 0;
    return follow(proxy, signals, printer, options);
}

} // namespace

Outcome connect(const Invocation& invocation) {
    return run(invocation, nullptr);
}

Outcome connect_helper(const Invocation& invocation) {
    const auto name = invocation.verb.name;
    return run(invocation, helpers::find(name.substr(name.find(' ') + 1)));
}

} // namespace agentctl
