#pragma once
// SessionCalls: what a controller is asked about sessions. Whoever carries sessions is shown each
// session that a controller describes to anybody, so that one which is over is noticed.

#include "agent/clusters/controllers.hpp"
#include "agent/event_hub.hpp"
#include "controller/list.hpp"

#include <functional>
#include <optional>
#include <string>

namespace agent::core {

class SessionCalls {
  public:
    using Seen = std::function<void(const Json& session)>;
    SessionCalls(Controllers& controllers, EventHub& events, Seen seen)
        : controllers_(controllers), events_(events), seen_(std::move(seen)) {}

    /// Never repeated: it may issue credentials each time. `sent`: the controller may have acted on
    /// it.
    awaitable<Result<ItemReply>> authorize(ClusterChoice choice, TargetOptions target, bool& sent);
    awaitable<Result<ItemReply>> read(ClusterChoice choice, std::string id);
    /// Without a version the present one is taken.
    awaitable<Result<ItemReply>> cancel(ClusterChoice choice, std::string id,
                                        std::optional<std::int64_t> version);
    /// Those that are not over, in every scope.
    awaitable<Result<controller::ItemList>> list(ClusterChoice choice);

    void seen(const Json& session) { seen_(session); }

  private:
    Controllers& controllers_;
    EventHub& events_;
    Seen seen_;
};

} // namespace agent::core
