#include "agent/proxy/managed_proxy.hpp"

#include "base/log.hpp"

#include <cassert>

namespace agent::core {

void ManagedProxy::on(CourseEvent event) {
    switch (take(course_, event)) {
    case CourseOutcome::moved:
        changed.notify_all();
        return;
    case CourseOutcome::ignored:
        return;
    case CourseOutcome::unexpected: // a release goes on as if nothing had been said
        log::error("proxy={} unexpected event={}", spec.name, name_of(event));
        assert(!"an event that cannot happen in this state");
        return;
    }
}

} // namespace agent::core
