// Why: what stands between a proxy and its target, hop by hop, and the next step.

#include "agent/agent.hpp"

namespace agent::core {
namespace {

constexpr std::int64_t shown_events = 10;

struct Answer {
    std::string hop;
    std::string explanation;
    std::string next_step;
};

Answer of_obstacle(const RunningProxy& proxy, Answer otherwise) {
    if (!proxy.obstacle) return otherwise;
    Answer answer;
    answer.hop = std::string(hop_name(proxy.obstacle->hop));
    answer.explanation = proxy.obstacle->message;
    answer.next_step = proxy.obstacle->hint.empty() ? otherwise.next_step : proxy.obstacle->hint;
    return answer;
}

Answer of_blocked(const RunningProxy& proxy) {
    const std::string& reason = proxy.status.reason;
    if (reason.starts_with("listen on "))
        return {"local", reason,
                "end that process, or give the proxy another port; it takes this one as soon as it "
                "is free"};
    const std::string reconnect = "agentctl reconnect " + proxy.spec.name;
    if (proxy.needs_person)
        return of_obstacle(proxy, {"controller", reason, reconnect + " asks for a new session"});
    Answer answer = of_obstacle(proxy, {"controller", reason, reconnect});
    if (answer.next_step.empty())
        answer.next_step = "ask whoever runs the controller, then: " + reconnect;
    return answer;
}

// A failure of the newest connections is worth telling although the proxy itself is fine.
Answer of_working(const RunningProxy& proxy) {
    const ProxyStatus& status = proxy.status;
    Answer answer;
    if (status.connections_left == 0) {
        answer = {"limit", "session " + status.session_id + " has no connections left", ""};
    } else if (status.last_failure.empty()) {
        answer.explanation = "Nothing stands in the way: it listens and has session " +
                             status.session_id + ", which ends at " + status.expiration + ".";
        return answer;
    } else {
        const std::string& failure = status.last_failure;
        const bool target = failure.find("could not connect to the target") != std::string::npos;
        const bool limit = failure.find("used up") != std::string::npos;
        answer = {target  ? "target"
                  : limit ? "limit"
                          : "worker",
                  "its newest failure: " + failure, ""};
    }
    if (answer.hop == "target")
        answer.next_step =
            "check that " + status.endpoint + " runs and that the worker can reach it";
    else if (answer.hop == "limit")
        answer.next_step = proxy.persistent() ? "the next connection gets a new session"
                                              : "agentctl connect makes a new session";
    else
        answer.next_step =
            "check that this machine can reach the worker; a new connection tries again";
    return answer;
}

Answer answer_for(const RunningProxy& proxy) {
    const ProxyStatus& status = proxy.status;
    if (proxy.unanswered > 0)
        return {"local", "agent-proxy, pid " + std::to_string(status.pid) + ", does not answer.",
                "wait a moment: if it stays so it is killed and started again"};
    if (status.state == "starting")
        return {"local", status.reason.empty() ? "It is being started." : status.reason,
                "wait a moment; the log of agentd says more"};
    if (status.state == "blocked") return of_blocked(proxy);
    if (status.state == "waiting-login")
        return of_obstacle(proxy, {"login", status.reason, "agentctl authenticate"});
    if (status.state == "waiting-network")
        return of_obstacle(
            proxy,
            {"controller", status.reason,
             "check that this machine can reach the controller; it is tried again by itself"});
    if (status.state == "authorizing")
        return of_obstacle(proxy,
                           {"controller", status.reason, "wait for the controller's answer"});
    if (status.state == "idle") {
        const bool over = !status.reason.empty();
        const bool expired = status.reason.find("expired") != std::string::npos;
        const bool used_up = status.reason.find("No connections left") != std::string::npos;
        Answer answer;
        if (over) answer.hop = expired ? "expiry" : used_up ? "limit" : "";
        answer.explanation =
            over ? "It has no session now: " + status.reason + "." : "It has no session yet.";
        answer.next_step = "nothing: the next connection gets a session";
        return answer;
    }
    if (status.state == "ready" || status.state == "busy") return of_working(proxy);
    return {"local", "It is ending: " + status.reason, ""};
}

} // namespace

Result<Explanation> Agent::why(std::string name) {
    Explanation explanation;
    explanation.name = name;
    const auto proxy = proxies_.find(name);
    const auto events = store_.events(name, shown_events);
    if (events)
        for (const auto& event : *events) {
            Explanation::Happening one;
            one.time = event.time;
            one.kind = event.kind;
            one.message = event.message;
            explanation.history.push_back(std::move(one));
        }
    if (proxy) {
        const Answer answer = answer_for(*proxy);
        explanation.state = proxy->status.state;
        explanation.since = proxy->status.since;
        explanation.hop = answer.hop;
        explanation.explanation = answer.explanation;
        explanation.next_step = answer.next_step;
        return explanation;
    }
    const auto record = find_remembered(name);
    if (!record && explanation.history.empty())
        return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name,
                    "agentctl list shows them");
    explanation.state = "ended";
    explanation.hop = "local";
    if (!explanation.history.empty()) explanation.since = explanation.history.back().time;
    explanation.explanation = record ? "It is remembered and does not run."
                                     : "It has ended: " + explanation.history.back().message;
    explanation.next_step =
        record ? "agentctl reconnect " + name : "agentctl connect makes a new one";
    return explanation;
}

} // namespace agent::core
