#include "console/http_server.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "net/peer_owner.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <unistd.h>

#include <algorithm>

namespace console {
namespace {

namespace http = boost::beast::http;
using agent::awaitable;
using boost::asio::ip::tcp;
using std::chrono::steady_clock;
using Parser = http::request_parser<http::string_body>;

// Each in a coroutine of its own that returns a plain value, so that with_timeout can hold it.
awaitable<boost::system::error_code> wait_readable(tcp::socket& socket) {
    auto [ec] = co_await socket.async_wait(tcp::socket::wait_read, agent::async::token);
    co_return ec;
}
awaitable<boost::system::error_code> read_head(tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser) {
    auto [ec, n] = co_await http::async_read_header(socket, buffer, parser, agent::async::token);
    (void)n;
    co_return ec;
}
awaitable<boost::system::error_code> read_rest(tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser) {
    auto [ec, n] = co_await http::async_read(socket, buffer, parser, agent::async::token);
    (void)n;
    co_return ec;
}
awaitable<boost::system::error_code> write(tcp::socket& socket, HttpResponse& response) {
    auto [ec, n] = co_await http::async_write(socket, response, agent::async::token);
    (void)n;
    co_return ec;
}

/// TCP loopback is open to every local user; this console is one user's.
bool ours(const tcp::socket& socket) {
    boost::system::error_code ec;
    const auto peer = socket.remote_endpoint(ec);
    if (ec) return false;
    const auto owner = agent::net::find_socket_owner(peer, socket.local_endpoint(ec));
    return owner && (owner->uid == ::geteuid() || owner->uid == 0);
}

} // namespace

HttpServer::HttpServer(tcp::acceptor acceptor, Gate& gate, Requests& requests, Limits limits)
    : acceptor_(std::move(acceptor)), gate_(gate), requests_(requests), limits_(limits),
      last_request_(steady_clock::now()), tasks_(acceptor_.get_executor()) {}

awaitable<void> HttpServer::run_until_idle() {
    tasks_.spawn(accept(), "accept");
    for (;;) {
        const auto quiet = steady_clock::now() - last_request_;
        if (quiet >= limits_.idle) co_return;
        co_await agent::async::sleep_for(limits_.idle - quiet);
    }
}

awaitable<void> HttpServer::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    co_await tasks_.stop();
}

awaitable<void> HttpServer::accept() {
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(agent::async::token);
        if (ec == boost::asio::error::operation_aborted || ec == boost::asio::error::bad_descriptor) co_return;
        if (ec) { // out of files: others need time to end
            agent::log::warning("console accept: {}", ec.message());
            co_await agent::async::sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        if (tasks_.size() > limits_.connections || !ours(socket)) continue; // closed unanswered
        tasks_.spawn(serve(std::move(socket)), "console connection");
    }
}

awaitable<void> HttpServer::serve(Socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    boost::beast::flat_buffer buffer(limits_.head_bytes + limits_.body_bytes);
    for (bool keep = true; keep;) {
        if (buffer.size() == 0) {
            const auto ready = co_await agent::async::with_timeout(wait_readable(socket), limits_.keep_alive);
            if (!ready || *ready) break;
        }
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
        parser.body_limit(limits_.body_bytes);
        const auto head = co_await agent::async::with_timeout(read_head(socket, buffer, parser), limits_.head);
        if (!head || *head == http::error::end_of_stream) break;
        HttpResponse response;
        if (*head) {
            const unsigned status = *head == http::error::body_limit     ? 413
                                    : *head == http::error::header_limit ? 431
                                                                         : 400;
            response = plain_answer(parser.get(), status, "This request cannot be read.\n");
            keep = false;
        } else if (auto refusal = gate_.judge(parser.get())) { // before a byte of the body is waited for
            response = std::move(*refusal);
            keep = parser.is_done() && parser.get().keep_alive();
        } else {
            const auto rest = co_await agent::async::with_timeout(read_rest(socket, buffer, parser), limits_.body);
            if (!rest || (*rest && *rest != http::error::body_limit)) break;
            last_request_ = steady_clock::now();
            keep = !*rest && parser.get().keep_alive();
            if (*rest) {
                response = plain_answer(parser.get(), 413, "The request body is larger than 1 MiB.\n");
            } else {
                auto request = parser.release();
                response = co_await requests_.answer(std::move(request));
            }
        }
        response.keep_alive(keep);
        const auto written = co_await agent::async::with_timeout(write(socket, response), limits_.write);
        if (!written || *written) break;
    }
    socket.shutdown(tcp::socket::shutdown_both, ignored);
}

} // namespace console
