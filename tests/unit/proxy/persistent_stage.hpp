#pragma once
// PersistentStage: a persistent Proxy against the dev server's worker, with the sessions that the
// test hands over, as agentd would.

#include "proxy/proxy.hpp"

#include "async/with_timeout.hpp"
#include "devserver/worker/worker.hpp"
#include "support/catch.hpp"
#include "unit/devserver_worker/memory_authority.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace agent::test {

using boost::asio::ip::tcp;
using proxy::Change;
using proxy::Proxy;
using proxy::SessionKeys;
using namespace std::chrono_literals;

struct PersistentStage {
    PersistentStage(boost::asio::io_context& context, std::string target_address,
                    proxy::ProxyOptions options = {}, devserver::WorkerLimits limits = {})
        : executor(context.get_executor()), target(std::move(target_address)),
          worker(executor, authority, limits) {
        REQUIRE(worker.listen("127.0.0.1", 0));
        options.persistent = true;
        auto on_change = [this](Change change, const std::string& message) {
            ++changes[change];
            if (change == Change::connection_failed) failures.push_back(message);
        };
        auto made = Proxy::create(executor, std::nullopt, options, on_change);
        REQUIRE(made.has_value());
        subject = std::move(*made);
        REQUIRE(subject->start());
    }

    SessionKeys keys(const std::string& id, std::int32_t limit = -1,
                     WallTime expiration = wall_now() + 1h) {
        auto& session = authority.add(id, "tcp://" + target, expiration);
        session.limit = limit;
        SessionKeys keys;
        keys.authorization.session_id = id;
        keys.authorization.certificate = session.record.certificate_der;
        keys.authorization.private_key = session.record.private_key;
        keys.authorization.expiration = session.record.expiration;
        keys.authorization.endpoint = session.record.endpoint;
        keys.authorization.connection_limit = limit;
        keys.authorization.workers = {"127.0.0.1:" +
                                      std::to_string(worker.endpoints().front().port())};
        keys.tofu_token = Secret("01234567890123456789");
        return keys;
    }
    awaitable<tcp::socket> client() {
        tcp::socket socket(executor);
        const auto [ec] = co_await socket.async_connect(
            tcp::endpoint(boost::asio::ip::address_v4::loopback(), subject->port()), async::token);
        REQUIRE_FALSE(ec);
        co_return socket;
    }
    /// Until `change` has happened `times` times.
    awaitable<bool> happened(Change change, int times = 1) {
        for (int i = 0; i < 1500 && changes[change] < times; ++i) co_await async::sleep_for(10ms);
        co_return changes[change] >= times;
    }
    awaitable<void> end() {
        Proxy::Ending ending;
        ending.reason = model::Reason(model::ReasonCode::stopped, "the test is over");
        subject->end(std::move(ending));
        const bool in_time = co_await async::with_timeout(subject->wait_ended(), 10s);
        CHECK(in_time);
        co_await worker.stop();
    }

    boost::asio::any_io_executor executor;
    std::string target;
    devserver::test::MemoryAuthority authority;
    devserver::Worker worker;
    std::map<Change, int> changes;
    std::vector<std::string> failures;
    std::unique_ptr<Proxy> subject;
};

inline awaitable<bool> echoes(tcp::socket& socket, std::string bytes) {
    co_await boost::asio::async_write(socket, boost::asio::buffer(bytes), async::token);
    std::string back(bytes.size(), '\0');
    const auto [ec, count] =
        co_await boost::asio::async_read(socket, boost::asio::buffer(back), async::token);
    co_return !ec && back == bytes;
}

/// How the stream ended: EOF is clean, anything else is a reset.
inline awaitable<boost::system::error_code> end_of(tcp::socket& socket) {
    char byte = 0;
    const auto [ec, count] =
        co_await socket.async_read_some(boost::asio::buffer(&byte, 1), async::token);
    co_return ec;
}

} // namespace agent::test
