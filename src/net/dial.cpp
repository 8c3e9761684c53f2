#include "net/dial.hpp"

#include "base/scope_exit.hpp"
#include "net/resolve.hpp"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cerrno>
#include <list>
#include <memory>
#include <optional>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds head_start{250};

// One address may swallow packets while the next would answer: each gets a head start, then the
// next one is tried beside it. Who is still on the way when somebody has answered is closed; the
// box lives until it has noticed.
struct Race {
    explicit Race(boost::asio::any_io_executor executor) : changed(executor) {}
    boost::asio::steady_timer changed;
    std::list<tcp::socket> running;
    std::optional<tcp::socket> winner;
    boost::system::error_code problem; ///< the last one
};

void start(const std::shared_ptr<Race>& race, const tcp::endpoint& address) {
    const auto socket = race->running.emplace(race->running.end(), race->changed.get_executor());
    socket->async_connect(address, [race, socket](boost::system::error_code ec) {
        if (ec)
            race->problem = ec;
        else if (!race->winner)
            race->winner.emplace(std::move(*socket));
        race->running.erase(socket);
        race->changed.cancel();
    });
}

// This machine's fault, and likely to pass.
bool lacks_resources(const boost::system::error_code& ec) {
    for (const int number : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL})
        if (ec.value() == number) return true;
    return false;
}

/// What is tried, for how long, and how a failure is told.
struct Attempt {
    std::string what;
    Clock::duration timeout;
    DialErrors errors;
    Clock::time_point deadline = Clock::now() + timeout;

    Error failed(const std::string& why, std::string hint = {}) const {
        return fail(errors.code, errors.hop, what + ": " + why, std::move(hint));
    }
    Error too_late() const {
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
        return failed(fmt::format("no answer within {:.3g} s", double(limit.count()) / 1e3),
                      "Check the address, and whether a firewall drops packets.");
    }
};

awaitable<Result<tcp::socket>> connect_first(const std::vector<tcp::endpoint>& addresses,
                                             const Attempt& attempt) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto race = std::make_shared<Race>(executor);
    const ScopeExit close_the_rest([&race] {
        boost::system::error_code ec;
        for (auto& socket : race->running) socket.close(ec);
    });
    auto next = addresses.begin();
    while (!race->winner && Clock::now() < attempt.deadline) {
        if (next != addresses.end()) start(race, *next++);
        if (race->running.empty()) break;
        auto until = attempt.deadline;
        if (next != addresses.end()) until = std::min(until, Clock::now() + head_start);
        race->changed.expires_at(until);
        co_await race->changed.async_wait(async::token);
    }
    if (race->winner) {
        boost::system::error_code ec;
        race->winner->set_option(tcp::no_delay(true), ec);
        race->winner->native_non_blocking(true, ec);
        co_return std::move(*race->winner);
    }
    if (!race->running.empty()) co_return attempt.too_late();
    if (!race->problem) co_return attempt.failed("the name has no address");
    const auto code = lacks_resources(race->problem) ? Errc::limit_exceeded : attempt.errors.code;
    co_return fail_errno(code, attempt.errors.hop, attempt.what, race->problem.value());
}

} // namespace

awaitable<Result<tcp::socket>> dial(Endpoint endpoint, Clock::duration timeout, DialErrors errors) {
    const Attempt attempt{"dial " + endpoint.text(), timeout, errors};
    const auto found = co_await resolver().resolve(endpoint.host, attempt.deadline);
    if (!found) {
        const Error& problem = found.error();
        if (problem.code == Errc::timed_out) co_return attempt.too_late();
        Error error = attempt.failed("cannot resolve the name: " + problem.message, problem.hint);
        if (problem.code == Errc::limit_exceeded) error.code = problem.code;
        co_return error;
    }
    std::vector<tcp::endpoint> addresses;
    for (const auto& address : *found) addresses.emplace_back(address, endpoint.port);
    co_return co_await connect_first(addresses, attempt);
}

awaitable<Result<tcp::socket>> dial(std::vector<tcp::endpoint> addresses, std::string what,
                                    Clock::duration timeout, DialErrors errors) {
    const Attempt attempt{std::move(what), timeout, errors};
    co_return co_await connect_first(addresses, attempt);
}

} // namespace agent::net
