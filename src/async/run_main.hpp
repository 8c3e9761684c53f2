#pragma once
// The life of a program whose work is one coroutine: its loop, and where its exception ends.

#include "async/token.hpp"
#include "base/result.hpp"

namespace agent::async {

/// Runs `program` and what it spawns until nothing is left to do. An error: what it threw.
Status run_main(awaitable<void> program);

} // namespace agent::async
