#include "net/dial.hpp"

#include "async/with_timeout.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <memory>
#include <vector>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// getaddrinfo cannot be interrupted, and awaiting it would outlast the limit. So the answer lands in a box that lives
// as long as the lookup does, and the caller waits for the box's timer.
struct Lookup {
    Lookup(boost::asio::any_io_executor executor, Clock::time_point deadline) : resolver(executor), timer(executor) {
        timer.expires_at(deadline);
    }
    tcp::resolver resolver;
    boost::asio::steady_timer timer;
    bool done = false;
    boost::system::error_code problem;
    std::vector<tcp::endpoint> found;
};

awaitable<void> resolve(std::shared_ptr<Lookup> lookup, std::string host, std::string port) {
    lookup->resolver.async_resolve(host, port, tcp::resolver::numeric_service,
                                   [lookup](boost::system::error_code ec, tcp::resolver::results_type results) {
                                       lookup->done = true;
                                       lookup->problem = ec;
                                       for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
                                       lookup->timer.cancel();
                                   });
    while (!lookup->done && Clock::now() < lookup->timer.expiry()) co_await lookup->timer.async_wait(async::token);
}

awaitable<boost::system::error_code> connect(tcp::socket& socket, tcp::endpoint address) {
    auto [ec] = co_await socket.async_connect(address, async::token);
    co_return ec;
}

// This machine's fault, and likely to pass.
bool lacks_resources(const boost::system::error_code& ec) {
    for (const int number : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL})
        if (ec.value() == number) return true;
    return false;
}

} // namespace

awaitable<Result<tcp::socket>> dial(Endpoint endpoint, Clock::duration timeout, DialErrors errors) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto deadline = Clock::now() + timeout;
    const std::string what = "dial " + endpoint.text();
    const auto too_late = [&] {
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
        return fail(errors.code, errors.hop,
                    what + fmt::format(": no answer within {:.3g} s", double(limit.count()) / 1e3),
                    "Check the address, and whether a firewall drops packets.");
    };

    std::vector<tcp::endpoint> addresses;
    boost::system::error_code ec;
    const auto literal = boost::asio::ip::make_address(endpoint.host, ec);
    if (!ec) {
        addresses.emplace_back(literal, endpoint.port);
    } else {
        auto lookup = std::make_shared<Lookup>(executor, deadline);
        co_await resolve(lookup, endpoint.host, std::to_string(endpoint.port));
        if (!lookup->done) co_return too_late();
        if (lookup->problem)
            co_return fail(errors.code, errors.hop, what + ": cannot resolve the name: " + lookup->problem.message(),
                           "Check the name and this machine's DNS.");
        addresses = lookup->found;
    }

    Error last = fail(errors.code, errors.hop, what + ": the name has no address");
    for (const auto& address : addresses) {
        tcp::socket socket(executor);
        const auto left = deadline - Clock::now();
        if (left <= Clock::duration::zero()) co_return too_late();
        const auto connected = co_await async::with_timeout(connect(socket, address), left);
        if (!connected) co_return too_late();
        if (*connected) {
            const auto code = lacks_resources(*connected) ? Errc::limit_exceeded : errors.code;
            last = fail_errno(code, errors.hop, what, connected->value());
            continue;
        }
        socket.set_option(tcp::no_delay(true), ec);
        socket.native_non_blocking(true, ec);
        co_return socket;
    }
    co_return last;
}

} // namespace agent::net
