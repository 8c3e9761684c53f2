#include "devserver/worker/worker.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/scope_exit.hpp"
#include "net/listen.hpp"

#include <exception>
#include <map>

namespace devserver {
namespace {

using boost::asio::ip::tcp;
namespace async = agent::async;
namespace log = agent::log;

constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::seconds stop_limit{2};

} // namespace

Worker::Worker(boost::asio::any_io_executor executor, SessionAuthority& authority,
               WorkerLimits limits)
    : executor_(executor), authority_(authority), limits_(limits), faults_(limits_.faults),
      tls_(authority), listeners_(executor), serving_(executor) {
    listeners_.spawn(watch_sessions(), "worker: watch sessions");
}

Status Worker::listen(const std::string& address, std::uint16_t port) {
    auto acceptor = agent::net::listen_tcp(executor_, address, port);
    if (!acceptor) return acceptor.error();
    acceptors_.push_back(std::move(*acceptor));
    listeners_.spawn(accept(acceptors_.back()), "worker: accept");
    return {};
}

std::vector<tcp::endpoint> Worker::endpoints() const {
    std::vector<tcp::endpoint> all;
    for (const auto& acceptor : acceptors_) all.push_back(acceptor.local_endpoint());
    return all;
}

awaitable<void> Worker::accept(Acceptor& acceptor) {
    for (;;) {
        auto [ec, socket] = co_await acceptor.async_accept(async::token);
        if (ec == boost::asio::error::operation_aborted) co_return;
        if (ec) { // out of descriptors, most likely: those we hold will come back
            log::warning("worker: accept: {}", ec.message());
            co_await async::sleep_for(accept_pause);
            continue;
        }
        ++accepted_;
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
        serving_.spawn(serve(std::move(socket)), "worker: connection");
    }
}

awaitable<void> Worker::serve(tcp::socket socket) {
    connections_.emplace_back(std::move(socket), tls_.context(), authority_, limits_, faults_);
    const auto entry = std::prev(connections_.end());
    const agent::ScopeExit listed([this, entry] { connections_.erase(entry); });
    co_await entry->run();
}

/// The safety net under session_ended(), and what keeps byte counts fresh.
awaitable<void> Worker::watch_sessions() {
    auto next_report = std::chrono::steady_clock::now() + limits_.byte_report;
    for (;;) {
        co_await async::sleep_for(limits_.poll);
        const bool report = std::chrono::steady_clock::now() >= next_report;
        if (report) next_report = std::chrono::steady_clock::now() + limits_.byte_report;
        try {
            look_at_sessions(report);
        } catch (const std::exception& problem) { // the authority's database fails: another time
            log::error("worker: watch sessions: {}", problem.what());
        }
    }
}

void Worker::look_at_sessions(bool report) {
    std::map<std::string, SessionStatus> known;
    for (auto& connection : connections_) {
        const auto& id = connection.session_id();
        if (id.empty()) continue;
        if (report) connection.report_bytes();
        const auto [at, added] = known.try_emplace(id, SessionStatus::terminated);
        if (added) at->second = authority_.session_status(id);
        if (at->second == SessionStatus::canceling || at->second == SessionStatus::terminated)
            connection.session_ended();
    }
}

void Worker::session_ended(const std::string& session_id) {
    for (auto& connection : connections_)
        if (connection.session_id() == session_id) connection.session_ended();
}

void Worker::close_idle() {
    for (auto& connection : connections_) connection.close_idle();
}

void Worker::freeze() {
    for (auto& connection : connections_) connection.freeze();
}

void Worker::cut_off() {
    for (auto& connection : connections_) connection.cut_off();
}

awaitable<void> Worker::stop() {
    boost::system::error_code ec;
    for (auto& acceptor : acceptors_) acceptor.close(ec);
    co_await listeners_.stop();
    for (auto& connection : connections_) connection.stop();
    (void)co_await async::with_timeout(serving_.drain(), stop_limit);
    co_await serving_.stop();
}

} // namespace devserver
