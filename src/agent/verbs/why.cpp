// Why: what stands between a proxy and its target, hop by hop, and the next step.

#include "agent/proxy/remembered.hpp"
#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {
namespace {

constexpr std::int64_t shown_events = 10;

struct Answer {
    std::optional<Hop> hop;
    std::string explanation;
    std::string next_step;
};

Answer of_obstacle(const ManagedProxy& proxy, Answer otherwise) {
    if (!proxy.obstacle) return otherwise;
    Answer answer;
    answer.hop = proxy.obstacle->hop;
    answer.explanation = proxy.obstacle->message;
    answer.next_step = proxy.obstacle->hint.empty() ? otherwise.next_step : proxy.obstacle->hint;
    return answer;
}

Answer of_blocked(const ManagedProxy& proxy) {
    const ProxyStatus& status = proxy.status;
    if (status.reason_code == ReasonCode::port_taken)
        return {Hop::local, status.reason,
                "end that process, or give the proxy another port; it takes this one as soon as it "
                "is free"};
    const std::string reconnect = "agentctl reconnect " + proxy.spec.name;
    if (proxy.needs_person())
        return of_obstacle(proxy,
                           {Hop::controller, status.reason, reconnect + " asks for a new session"});
    Answer answer = of_obstacle(proxy, {Hop::controller, status.reason, reconnect});
    if (answer.next_step.empty())
        answer.next_step = "ask whoever runs the controller, then: " + reconnect;
    return answer;
}

std::string after_limit(const ManagedProxy& proxy) {
    return proxy.persistent() ? "the next connection gets a new session"
                              : "agentctl connect makes a new session";
}

std::string after_failure(const ManagedProxy& proxy) {
    switch (proxy.status.last_failure.hop) {
    case Hop::target:
        return "check that " + proxy.status.endpoint + " runs and that the worker can reach it";
    case Hop::limit:
    case Hop::expiry:
        return after_limit(proxy);
    default:
        return "check that this machine can reach the worker; a new connection tries again";
    }
}

// A failure of the newest connections is worth telling although the proxy itself is fine; one that
// a later connection has left behind is history.
Answer of_working(const ManagedProxy& proxy) {
    const ProxyStatus& status = proxy.status;
    if (status.connections_left == 0)
        return {Hop::limit, "session " + status.session_id + " has no connections left",
                after_limit(proxy)};
    if (status.failing) {
        const auto& failure = status.last_failure;
        const std::string at = failure.time.empty() ? std::string() : " (" + failure.time + ")";
        return {failure.hop, "its newest failure: " + failure.message + at, after_failure(proxy)};
    }
    return {std::nullopt,
            "Nothing stands in the way: it listens and has session " + status.session_id +
                ", which ends at " + status.expiration + ".",
            ""};
}

Answer of_idle(const ProxyStatus& status) {
    Answer answer;
    answer.explanation = "It has no session yet.";
    answer.next_step = "nothing: the next connection gets a session";
    if (status.reason.empty()) return answer;
    answer.explanation = "It has no session now: " + status.reason + ".";
    const auto hop = hop_of(status.reason_code);
    if (hop == Hop::expiry || hop == Hop::limit) answer.hop = hop; // nothing else lasts
    return answer;
}

Answer answer_for(const ManagedProxy& proxy) {
    const ProxyStatus& status = proxy.status;
    if (proxy.unanswered > 0)
        return {Hop::local, "agent-proxy, pid " + std::to_string(status.pid) + ", does not answer.",
                "wait a moment: if it stays so it is killed and started again"};
    switch (status.state) {
    case ProxyState::starting:
        return {Hop::local, status.reason.empty() ? "It is being started." : status.reason,
                "wait a moment; the log of agentd says more"};
    case ProxyState::blocked:
        return of_blocked(proxy);
    case ProxyState::waiting_login:
        return of_obstacle(proxy, {Hop::login, status.reason, "agentctl authenticate"});
    case ProxyState::waiting_network:
        return of_obstacle(
            proxy,
            {Hop::controller, status.reason,
             "check that this machine can reach the controller; it is tried again by itself"});
    case ProxyState::authorizing:
        return of_obstacle(proxy,
                           {Hop::controller, status.reason, "wait for the controller's answer"});
    case ProxyState::idle:
        return of_idle(status);
    case ProxyState::ready:
    case ProxyState::busy:
        return of_working(proxy);
    case ProxyState::stopping:
    case ProxyState::ended:
        break;
    }
    return {Hop::local, "It is ending: " + status.reason, ""};
}

} // namespace

Result<Explanation> why(const Proxies& proxies, state::StateStore& store, std::string name) {
    Explanation explanation;
    explanation.name = name;
    const auto proxy = proxies.find(name);
    const auto events = store.events(name, shown_events);
    if (events)
        for (const auto& event : *events) {
            auto& one = explanation.history.emplace_back();
            one.time = event.time;
            one.kind = event.kind;
            one.message = event.message;
        }
    if (proxy) {
        Answer answer = answer_for(*proxy);
        explanation.state = proxy->status.state;
        explanation.reason_code = proxy->status.reason_code;
        explanation.since = proxy->status.since;
        explanation.hop = answer.hop;
        explanation.explanation = std::move(answer.explanation);
        explanation.next_step = std::move(answer.next_step);
        return explanation;
    }
    const auto record = find_remembered(store, name);
    if (!record && explanation.history.empty())
        return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + name,
                    "agentctl list shows them");
    explanation.hop = Hop::local;
    if (!explanation.history.empty()) explanation.since = explanation.history.back().time;
    explanation.explanation = record ? "It is remembered and does not run."
                                     : "It has ended: " + explanation.history.back().message;
    explanation.next_step =
        record ? "agentctl reconnect " + name : "agentctl connect makes a new one";
    return explanation;
}

} // namespace agent::core::verbs
