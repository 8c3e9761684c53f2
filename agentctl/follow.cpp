#include "agentctl/follow.hpp"

#include "ipc/messages/attach.hpp"
#include "ipc/messages/disconnect.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "base/printable.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>

namespace agentctl {
namespace {

using agent::Errc;
using Clock = std::chrono::steady_clock;

// How long agentd may be away before we stop waiting for it, and how long it may not know the proxy
// after coming back.
constexpr std::chrono::seconds agent_away_limit{30};
constexpr std::chrono::seconds adoption_limit{3};
// What a command gets to end after SIGTERM.
constexpr std::chrono::seconds child_limit{10};

class Follower {
  public:
    Follower(std::string name, Signals& signals, const Printer& printer,
             const FollowOptions& options, Child* child)
        : name_(std::move(name)), signals_(signals), printer_(printer), options_(options),
          child_(child) {}

    int run() {
        auto away_since = Clock::now();
        for (;;) {
            auto reply = follow_once(away_since);
            if (decision_ != Decision::stay) return finish();
            if (reply) return ended(reply->proxy.reason);
            const auto away = Clock::now() - away_since;
            const Errc code = reply.error().code;
            const bool again =
                (code == Errc::agent_unreachable && away < agent_away_limit) ||
                (code == Errc::proxy_not_found && was_attached_ && away < adoption_limit);
            if (!again) return lost(reply.error());
            signals_.wait(100);
            take_signals();
            if (decision_ != Decision::stay) return finish();
        }
    }

  private:
    enum class Decision { stay, stop, leave };

    // One connection to agentd, until it or the proxy ends. Moves `away_since` while it holds.
    agent::Result<ipc::Attach::Response> follow_once(Clock::time_point& away_since) {
        auto client = connect_to_agent();
        if (!client) return client.error();
        bool first = true;
        const ipc::Watched watched{signals_.fd(), [this] { return take_signals(); }};
        ipc::Attach::Request request;
        request.name = name_;
        if (options_.die_with_us) request.ends_with_pid = ::getpid();
        auto reply = client->call_more<ipc::Attach>(
            request,
            [&](const ipc::Attach::Response& now) {
                if (first && !was_attached_ && options_.on_first) options_.on_first(now.proxy);
                first = false;
                was_attached_ = true;
                show_connections_left(now.proxy);
            },
            watched);
        if (!first) away_since = Clock::now();
        if (reply) show_connections_left(reply->proxy);
        return reply;
    }

    void show_connections_left(const ipc::Proxy& proxy) {
        if (proxy.connection_limit < 0 || !proxy.connections_left) return;
        const bool changed =
            connections_left_.value_or(proxy.connection_limit) != *proxy.connections_left;
        connections_left_ = proxy.connections_left;
        if (changed && !options_.quiet)
            printer_.say(agentctl::connections_left(*proxy.connections_left));
    }

    // True: go on following.
    bool take_signals() {
        while (const auto signal = signals_.take()) {
            const int number = static_cast<int>(signal->ssi_signo);
            // A command beside the proxy got the same signal: the proxy ends when that does, not
            // before.
            if (number == SIGHUP && child_ == nullptr) decision_ = Decision::leave;
            if (number == SIGINT || number == SIGTERM) interrupted(number, signal->ssi_code);
        }
        // Nobody is left for whom the command could go on, whatever it makes of its SIGTERM.
        if (child_ != nullptr && (child_->poll_exit() || signals_.parent_gone()))
            decision_ = Decision::stop;
        return decision_ == Decision::stay;
    }

    void interrupted(int number, int origin) {
        if (child_ == nullptr) {
            decision_ = options_.stop_on_interrupt ? Decision::stop : Decision::leave;
            return;
        }
        // Ctrl-C went to the command as well: psql cancels a query by it, and the proxy must stay
        // for the next one.
        if (number == SIGINT && origin == SI_KERNEL) return;
        child_->send_signal(number);
    }

    int finish() {
        if (decision_ == Decision::leave) return 0; // the proxy goes on
        if (child_ != nullptr && options_.keep_proxy) return *child_->poll_exit();
        const auto stopped = stop_proxy(name_, signals_);
        if (!stopped && stopped.error().code != Errc::proxy_not_found) {
            const int code =
                printer_.report({stopped.error(), Attempt{"disconnect", "end proxy " + name_}});
            return child_ == nullptr ? code : exit_of_child();
        }
        if (child_ != nullptr) return exit_of_child();
        printer_.say(termination("Received shutdown signal"));
        return 0;
    }

    int ended(const std::string& reason) {
        const std::string text = reason.empty() ? "Unknown" : reason;
        if (child_ == nullptr) {
            printer_.say(termination(text));
            return 0;
        }
        child_->send_signal(SIGTERM);
        const int code = exit_of_child();
        print_error("The proxy has ended: " + agent::printable(text) + "\n");
        return code;
    }

    /// It has got its signal; it is killed when it does not end by that.
    int exit_of_child() {
        const auto deadline = Clock::now() + child_limit;
        while (!child_->poll_exit()) {
            if (Clock::now() > deadline) child_->send_signal(SIGKILL);
            signals_.wait(100);
            while (signals_.take()) {
            }
        }
        return *child_->poll_exit();
    }

    int lost(const agent::Error& error) {
        if (error.code == Errc::proxy_not_found && was_attached_)
            return ended("The proxy ended while agentd was away");
        const int code = printer_.report({error, Attempt{"attach", "follow proxy " + name_}});
        if (child_ == nullptr) return code;
        // The connections of the command may well be alive: it decides when to end.
        while (!child_->poll_exit()) {
            signals_.wait(1000);
            take_signals();
        }
        return *child_->poll_exit();
    }

    std::string name_;
    Signals& signals_;
    const Printer& printer_;
    const FollowOptions& options_;
    Child* child_;
    Decision decision_ = Decision::stay;
    bool was_attached_ = false;
    std::optional<std::int64_t> connections_left_;
};

} // namespace

int follow(const ipc::Proxy& proxy, Signals& signals, const Printer& printer,
           const FollowOptions& options, Child* child) {
    return Follower(proxy.name, signals, printer, options, child).run();
}

agent::Status stop_proxy(const std::string& name, Signals& signals) {
    const ipc::Watched watched{signals.fd(), [&signals] {
                                   bool wait = true;
                                   while (const auto signal = signals.take())
                                       if (signal->ssi_signo == SIGINT ||
                                           signal->ssi_signo == SIGTERM)
                                           wait = false;
                                   return wait;
                               }};
    const auto reply = call_agent<ipc::Disconnect>({name}, watched);
    if (!reply) return reply.error();
    return {};
}

} // namespace agentctl
