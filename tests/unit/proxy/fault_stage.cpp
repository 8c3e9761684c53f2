#include "unit/proxy/fault_stage.hpp"

#include "async/with_timeout.hpp"
#include "support/catch.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace agent::test {

using namespace std::chrono_literals;

namespace {

devserver::WorkerLimits with(devserver::WorkerFaults faults) {
    devserver::WorkerLimits limits;
    limits.faults = faults;
    return limits;
}

awaitable<void> echo_bytes(tcp::socket socket) {
    std::vector<char> bytes(64 * 1024);
    for (;;) {
        const auto [ec, count] =
            co_await socket.async_read_some(boost::asio::buffer(bytes), async::token);
        if (ec) co_return;
        const auto piece = boost::asio::buffer(bytes.data(), count);
        const auto [failed, written] =
            co_await boost::asio::async_write(socket, piece, async::token);
        if (failed) co_return;
    }
}

awaitable<void> answer_line(tcp::socket socket) {
    std::string text;
    const auto [ec, count] = co_await boost::asio::async_read_until(
        socket, boost::asio::dynamic_buffer(text), '\n', async::token);
    if (!ec) co_await send(socket, "answer to " + text.substr(0, count));
}

// Closing over unread bytes would reset, so it waits for the other side.
awaitable<void> greet_then_wait(tcp::socket socket, std::string greeting) {
    co_await send(socket, std::move(greeting));
    boost::system::error_code ec;
    socket.shutdown(tcp::socket::shutdown_send, ec);
    (void)co_await read_to_end(socket);
}

awaitable<void> greet_then_echo(tcp::socket socket, std::string greeting) {
    co_await send(socket, std::move(greeting));
    co_await echo_bytes(std::move(socket));
}

awaitable<void> read_late(tcp::socket socket, std::chrono::milliseconds pause) {
    co_await async::sleep_for(pause);
    std::string text;
    const auto [ec, count] = co_await boost::asio::async_read_until(
        socket, boost::asio::dynamic_buffer(text), '\n', async::token);
    if (!ec) co_await send(socket, text.substr(0, count));
}

} // namespace

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 7;
    for (auto& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>('a' + (state >> 24) % 26);
    }
    return bytes;
}

awaitable<void> send(tcp::socket& socket, std::string bytes) {
    (void)co_await boost::asio::async_write(socket, boost::asio::buffer(bytes), async::token);
}

awaitable<Received> read_to_end(tcp::socket& socket) {
    Received received;
    std::vector<char> buffer(64 * 1024);
    for (;;) {
        const auto [ec, count] =
            co_await socket.async_read_some(boost::asio::buffer(buffer), async::token);
        received.bytes.append(buffer.data(), count);
        received.end = ec;
        if (ec) co_return received;
    }
}

awaitable<std::string> read_exactly(tcp::socket& socket, std::size_t count) {
    std::string bytes(count, '\0');
    const auto [ec, got] =
        co_await boost::asio::async_read(socket, boost::asio::buffer(bytes), async::token);
    bytes.resize(got);
    co_return bytes;
}

bool contains(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text); // for the check that this is part of
    return text.find(part) != std::string::npos;
}

Target echo() {
    return [](tcp::socket socket) { return echo_bytes(std::move(socket)); };
}
Target answer_one() {
    return [](tcp::socket socket) { return answer_line(std::move(socket)); };
}
Target greet(std::string greeting) {
    return [greeting](tcp::socket socket) { return greet_then_wait(std::move(socket), greeting); };
}
Target greet_and_echo(std::string greeting) {
    return [greeting](tcp::socket socket) { return greet_then_echo(std::move(socket), greeting); };
}
Target late_reader(std::chrono::milliseconds pause) {
    return [pause](tcp::socket socket) { return read_late(std::move(socket), pause); };
}

FaultStage::FaultStage(boost::asio::io_context& context, Target target,
                       devserver::WorkerFaults faults, proxy::ProxyOptions options)
    : worker(context.get_executor(), authority, with(faults)),
      acceptor_(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
      targets_(context.get_executor()) {
    acceptor_.listen(1024);
    targets_.spawn(accept(std::move(target)), "target");
    const auto endpoint = "tcp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    auto& made = authority.add("s_1234567890", endpoint, wall_now() + 1h);
    REQUIRE(worker.listen("127.0.0.1", 0));
    boundary::SessionAuthorization authorization;
    authorization.session_id = "s_1234567890";
    authorization.certificate = made.record.certificate_der;
    authorization.private_key = made.record.private_key;
    authorization.expiration = made.record.expiration;
    authorization.endpoint = endpoint;
    authorization.connection_limit = -1;
    authorization.workers = {worker_address()};
    auto on_change = [this](proxy::Change change, const std::string& message) {
        if (change == proxy::Change::connection_failed) failures.push_back(message);
    };
    auto proxy = proxy::Proxy::create(context.get_executor(), std::move(authorization),
                                      std::move(options), on_change);
    REQUIRE(proxy.has_value());
    subject = std::move(*proxy);
    REQUIRE(subject->start());
}

std::string FaultStage::worker_address() const {
    return "127.0.0.1:" + std::to_string(worker.endpoints().front().port());
}

awaitable<void> FaultStage::accept(Target target) {
    for (;;) {
        auto [ec, socket] = co_await acceptor_.async_accept(async::token);
        if (ec == boost::asio::error::operation_aborted) co_return;
        if (ec) {
            co_await async::sleep_for(10ms);
            continue;
        }
        targets_.spawn(target(std::move(socket)), "target connection");
    }
}

awaitable<tcp::socket> FaultStage::client() {
    tcp::socket socket(co_await boost::asio::this_coro::executor);
    const tcp::endpoint there(boost::asio::ip::address_v4::loopback(), subject->port());
    const auto [ec] = co_await socket.async_connect(there, async::token);
    REQUIRE_FALSE(ec);
    co_return socket;
}

awaitable<Received> FaultStage::ask(std::string line) {
    auto socket = co_await client();
    co_await send(socket, std::move(line) + "\n");
    boost::system::error_code ec;
    socket.shutdown(tcp::socket::shutdown_send, ec);
    co_return co_await read_to_end(socket);
}

awaitable<bool> FaultStage::eventually(std::function<bool()> condition) {
    for (int i = 0; i < 2000; ++i) {
        if (condition()) co_return true;
        co_await async::sleep_for(10ms);
    }
    co_return false;
}

awaitable<void> FaultStage::end(bool cancel) {
    proxy::Proxy::Ending ending;
    ending.reason = agent::model::Reason(agent::model::ReasonCode::stopped, "the test is over");
    ending.cancel_session = cancel;
    subject->end(std::move(ending));
    const bool in_time = co_await async::with_timeout(subject->wait_ended(), 20s);
    CHECK(in_time);
    co_await worker.stop();
    boost::system::error_code ec;
    acceptor_.close(ec);
    co_await targets_.stop();
}

awaitable<void> ask_and_count(FaultStage& stage, int first, int count, int& right) {
    for (int i = first; i < first + count; ++i) {
        const auto line = "question " + std::to_string(i);
        const auto got = co_await stage.ask(line);
        right += got.complete() && got.bytes == "answer to " + line + "\n";
    }
}

} // namespace agent::test
