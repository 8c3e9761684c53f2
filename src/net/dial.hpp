#pragma once
// dial: from a name and a port to a connected TCP socket, within a time limit. worker_link.cpp and
// the dev worker call it.

#include "async/token.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace agent::net {

/// How a failure is told: which code, and which hop it was.
struct DialErrors {
    Errc code = Errc::worker_unreachable;
    Hop hop = Hop::worker;
};

/// Resolves and tries the addresses in order until one answers, the next one as soon as one has
/// failed or been silent for a moment; `timeout` covers all of it. The socket comes back
/// non-blocking and with TCP_NODELAY. "dial HOST:PORT: connection refused".
awaitable<Result<boost::asio::ip::tcp::socket>>
dial(Endpoint endpoint, std::chrono::steady_clock::duration timeout, DialErrors errors);
/// The same with addresses that are known; errors begin with `what`.
awaitable<Result<boost::asio::ip::tcp::socket>>
dial(std::vector<boost::asio::ip::tcp::endpoint> addresses, std::string what,
     std::chrono::steady_clock::duration timeout, DialErrors errors);

} // namespace agent::net
