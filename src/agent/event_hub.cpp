#include "agent/event_hub.hpp"

#include "base/log.hpp"
#include "base/time.hpp"

namespace agent::core {

void EventHub::publish(EventKind kind, std::string message, std::optional<ProxyStatus> proxy) {
    Reason only_words;
    only_words.text = std::move(message);
    publish(kind, std::move(only_words), std::move(proxy));
}

void EventHub::publish(EventKind kind, Reason reason, std::optional<ProxyStatus> proxy) {
    log::info("event={} proxy={} {}", name_of(kind), proxy ? proxy->name : "-", reason.text);
    AgentEvent event;
    event.time = format_rfc3339(wall_now());
    event.kind = kind;
    event.message = std::move(reason.text);
    event.reason_code = reason.code;
    event.proxy = std::move(proxy);
    if (recorder_) recorder_(event);
    for (Watcher* watcher : watchers_) {
        if (watcher->waiting_.size() == max_waiting) watcher->waiting_.pop_front();
        watcher->waiting_.push_back(event);
        watcher->arrived_.notify_all();
    }
}

EventHub::Watcher::Watcher(EventHub& hub) : hub_(hub), arrived_(hub.executor_) {
    hub_.watchers_.push_back(this);
}

EventHub::Watcher::~Watcher() {
    hub_.watchers_.remove(this);
}

awaitable<AgentEvent> EventHub::Watcher::next() {
    while (waiting_.empty()) co_await arrived_.wait();
    AgentEvent event = std::move(waiting_.front());
    waiting_.pop_front();
    co_return event;
}

} // namespace agent::core
