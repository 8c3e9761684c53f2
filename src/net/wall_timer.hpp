#pragma once
// Waiting for a time of day. Asio's timers stand still while a laptop sleeps; this one does not,
// and notices when the clock is set.

#include "async/token.hpp"
#include "base/time.hpp"

namespace agent::net {

/// Returns once the wall clock shows `time`, or when the coroutine is cancelled.
awaitable<void> wait_until(WallTime time);

} // namespace agent::net
