#pragma once
// The HTTP request that turns a TLS connection to a worker into a WebSocket. Only worker_link.cpp
// calls it.

#include "base/result.hpp"
#include "net/tls_stream.hpp"

#include <string>

namespace agent::proxy {

/// Sends the request and insists on 101, the right Sec-WebSocket-Accept, the subprotocol and no
/// extension. The string is what the worker sent behind its answer. Nothing may be sent before this
/// has returned: workers drop it.
awaitable<Result<std::string>> upgrade(net::TlsStream& tls);

} // namespace agent::proxy
