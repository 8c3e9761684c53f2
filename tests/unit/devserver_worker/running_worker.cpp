#include "running_worker.hpp"

#include "async/with_timeout.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace devserver::test {

namespace async = agent::async;

namespace {

agent::awaitable<void> echo_bytes(tcp::socket socket) {
    std::vector<char> bytes(65536);
    for (;;) {
        const auto [ec, n] =
            co_await socket.async_read_some(boost::asio::buffer(bytes), async::token);
        if (ec) co_return;
        const auto buffer = boost::asio::buffer(bytes.data(), n);
        const auto [failed, written] =
            co_await boost::asio::async_write(socket, buffer, async::token);
        if (failed) co_return;
    }
}

agent::awaitable<void> send_bytes(tcp::socket socket, std::size_t count) {
    const std::string bytes(count, 'z');
    (void)co_await boost::asio::async_write(socket, boost::asio::buffer(bytes), async::token);
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    std::vector<char> rest(
        65536); // until the worker has gone: a reset here would hide what is tested
    for (;;) {
        const auto [end, got] =
            co_await socket.async_read_some(boost::asio::buffer(rest), async::token);
        if (end) co_return;
    }
}

agent::awaitable<void> collect_bytes(tcp::socket socket, std::string& received, bool& ended) {
    std::vector<char> bytes(65536);
    for (;;) {
        const auto [ec, n] =
            co_await socket.async_read_some(boost::asio::buffer(bytes), async::token);
        received.append(bytes.data(), n);
        if (ec) break;
    }
    ended = true;
}

} // namespace

Behaviour echo() {
    return [](tcp::socket socket) { return echo_bytes(std::move(socket)); };
}
Behaviour send_and_close(std::size_t bytes) {
    return [bytes](tcp::socket socket) { return send_bytes(std::move(socket), bytes); };
}
Behaviour collect(std::string& received, bool& ended) {
    return [&](tcp::socket socket) { return collect_bytes(std::move(socket), received, ended); };
}

RunningWorker::RunningWorker(WorkerLimits limits)
    : guard_(context_.get_executor()), tasks_(context_.get_executor()),
      worker_(context_.get_executor(), authority, limits) {
    if (auto listening = worker_.listen("127.0.0.1", 0); !listening)
        throw Broken(listening.error().message);
    port_ = worker_.endpoints().front().port();
    thread_ = std::thread([this] { context_.run(); });
}

RunningWorker::~RunningWorker() {
    std::promise<void> ended;
    boost::asio::post(context_, [&] {
        boost::asio::co_spawn(context_, end(), [&](std::exception_ptr) { ended.set_value(); });
    });
    ended.get_future().wait();
    guard_.reset();
    thread_.join();
}

agent::awaitable<void> RunningWorker::end() {
    co_await worker_.stop();
    co_await tasks_.stop();
}

bool RunningWorker::eventually(std::function<bool()> condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        if (at(condition)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

std::string RunningWorker::endpoint(Behaviour behaviour) {
    return at([&] {
        tcp::acceptor acceptor(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        endpoints_.emplace_back(std::move(acceptor), std::move(behaviour));
        auto& [listening, what] = endpoints_.back();
        tasks_.spawn(accept(listening, what), "endpoint");
        return "tcp://127.0.0.1:" + std::to_string(listening.local_endpoint().port());
    });
}

std::string RunningWorker::dead_endpoint() {
    return at([&] {
        // Bound and never listening: nobody else can take the port while the test runs.
        tcp::acceptor holder(context_);
        holder.open(tcp::v4());
        holder.bind(tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        endpoints_.emplace_back(std::move(holder), Behaviour());
        return "tcp://127.0.0.1:" + std::to_string(endpoints_.back().first.local_endpoint().port());
    });
}

ClientOptions RunningWorker::add_session(const std::string& id, const std::string& endpoint,
                                         std::int32_t limit, std::chrono::milliseconds life) {
    return at([&] {
        auto& session = authority.add(id, endpoint, agent::wall_now() + life);
        session.limit = limit;
        ClientOptions options;
        options.certificate_der = session.record.certificate_der;
        options.private_key = session.record.private_key;
        options.alpn = agent::boundary::alpn_wire_list(id);
        return options;
    });
}

agent::awaitable<void> RunningWorker::accept(tcp::acceptor& acceptor, Behaviour& behaviour) {
    for (;;) {
        auto [ec, socket] = co_await acceptor.async_accept(async::token);
        if (ec) co_return;
        tasks_.spawn(behaviour(std::move(socket)), "endpoint connection");
    }
}

} // namespace devserver::test
