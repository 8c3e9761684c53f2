#pragma once
// Events for whoever watches. A watcher that does not keep up loses the oldest ones, and holds up
// nobody.

#include "agent/proxy_status.hpp"
#include "async/event.hpp"

#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>

namespace agent::core {

class EventHub {
  public:
    explicit EventHub(boost::asio::any_io_executor executor) : executor_(executor) {}
    void publish(EventKind kind, std::string message,
                 std::optional<ProxyStatus> proxy = std::nullopt);
    /// The end of a session or proxy, and why.
    void publish(EventKind kind, Reason reason, std::optional<ProxyStatus> proxy);

    /// Told of every event, for the history.
    using Recorder = std::function<void(const AgentEvent&)>;
    void record_with(Recorder recorder) { recorder_ = std::move(recorder); }

    /// Collects events while it lives.
    class Watcher {
      public:
        explicit Watcher(EventHub& hub);
        ~Watcher();
        Watcher(const Watcher&) = delete;
        Watcher& operator=(const Watcher&) = delete;
        awaitable<AgentEvent> next();

      private:
        friend class EventHub;
        EventHub& hub_;
        std::deque<AgentEvent> waiting_;
        async::Event arrived_;
    };

  private:
    static constexpr std::size_t max_waiting = 1000;
    boost::asio::any_io_executor executor_;
    std::list<Watcher*> watchers_;
    Recorder recorder_;
};

} // namespace agent::core
