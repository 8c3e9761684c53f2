#pragma once
// How many clients fit into this process's file descriptors. agent-proxy and the dev server raise
// the limit when they start; Proxy takes no more clients than fit, so that what a client needs
// later (a worker's socket, a question to the kernel about its owner) does not fail for want of a
// descriptor.

#include <cstddef>

namespace agent::proxy {

/// The soft limit of open files up to the hard one.
void raise_file_limit();
/// RLIMIT_NOFILE as it is now: somebody may have changed it from outside.
std::size_t file_limit();
/// Two descriptors each, beside a reserve for everything else.
std::size_t clients_that_fit();

} // namespace agent::proxy
