#pragma once
// ExpiryWatch: expiry is an event: 15 and 5 minutes before a login or a session ends, with what to
// do. What ends, and when, it is told by a list (expiring.hpp).

#include "agent/event_hub.hpp"
#include "async/event.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agent::core {

/// A login or a session, and its end.
struct Expiring {
    std::string key;        ///< the same for the same thing
    std::string what;       ///< "login default at https://…"
    std::string expiration; ///< RFC 3339; empty: never
    std::string next_step;
    std::optional<ProxyStatus> proxy; ///< that the event is about
};

class ExpiryWatch {
  public:
    using List = std::function<awaitable<std::vector<Expiring>>()>;
    ExpiryWatch(boost::asio::any_io_executor executor, EventHub& events, List list)
        : events_(events), list_(std::move(list)), changed_(executor) {}

    /// Until it is cancelled.
    awaitable<void> run();
    /// Something that ends has come: its first warning may be near.
    void look_again() { changed_.notify_all(); }

  private:
    void warn(const Expiring& one);

    EventHub& events_;
    List list_;
    async::Event changed_;
    std::map<std::string, std::chrono::seconds> last_left_; ///< when we looked last, by key
};

} // namespace agent::core
