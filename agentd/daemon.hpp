#pragma once
// Daemon: the composition root. Builds everything, runs until a signal, takes it down in the order
// that src/README.md names.

#include "async/token.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace agentd {

/// Returns after an orderly end; throws ErrorException when it cannot start.
agent::awaitable<void> run_daemon();

} // namespace agentd
