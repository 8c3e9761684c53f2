#include "console/serve/http_connection.hpp"

#include "async/with_timeout.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>

namespace console {
namespace {

namespace http = boost::beast::http;
using agent::awaitable;
using agent::async::with_timeout;
using boost::asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

// Each in a coroutine of its own that returns a plain value, so that with_timeout can hold it.
awaitable<error_code> wait_readable(tcp::socket& socket) {
    auto [ec] = co_await socket.async_wait(tcp::socket::wait_read, agent::async::token);
    co_return ec;
}
awaitable<error_code> read_some_head(tcp::socket& socket, boost::beast::flat_buffer& buffer,
                                     Parser& parser) {
    auto [ec, n] = co_await http::async_read_header(socket, buffer, parser, agent::async::token);
    (void)n;
    co_return ec;
}
awaitable<error_code> read_rest(tcp::socket& socket, boost::beast::flat_buffer& buffer,
                                Parser& parser) {
    auto [ec, n] = co_await http::async_read(socket, buffer, parser, agent::async::token);
    (void)n;
    co_return ec;
}
awaitable<error_code> write_all(tcp::socket& socket, HttpResponse& response) {
    auto [ec, n] = co_await http::async_write(socket, response, agent::async::token);
    (void)n;
    co_return ec;
}
awaitable<void> drop_what_comes(tcp::socket& socket) {
    std::array<char, 16384> piece;
    for (;;) {
        const auto [ec, n] =
            co_await socket.async_read_some(boost::asio::buffer(piece), agent::async::token);
        if (ec) co_return;
    }
}

} // namespace

HttpConnection::HttpConnection(tcp::socket socket, const HttpLimits& limits)
    : socket_(std::move(socket)), limits_(limits), buffer_(limits.head_bytes + limits.body_bytes) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
}

awaitable<HttpConnection::Got> HttpConnection::read_head() {
    if (buffer_.size() == 0) {
        const auto ready = co_await with_timeout(wait_readable(socket_), limits_.keep_alive);
        if (!ready || *ready) co_return Got::nothing;
    }
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
    parser_->body_limit(limits_.body_bytes);
    const auto read =
        co_await with_timeout(read_some_head(socket_, buffer_, *parser_), limits_.head);
    head_only_ = parser_->get().method() == http::verb::head;
    if (!read) co_return Got::nothing;
    co_return judge(*read);
}

awaitable<HttpConnection::Got> HttpConnection::read_body() {
    const auto read = co_await with_timeout(read_rest(socket_, buffer_, *parser_), limits_.body);
    if (!read) co_return Got::nothing;
    co_return judge(*read);
}

HttpConnection::Got HttpConnection::judge(const error_code& ec) {
    if (!ec) return Got::request;
    if (ec == http::error::header_limit) return Got::head_too_large;
    if (ec == http::error::body_limit)
        return Got::body_too_large; // a Content-Length says so before the body comes
    const bool of_http =
        ec.category() == http::make_error_code(http::error::end_of_stream).category();
    if (!of_http || ec == http::error::end_of_stream) return Got::nothing;
    problem_ = ec.message();
    return Got::malformed;
}

awaitable<bool> HttpConnection::write(HttpResponse response, bool keep) {
    response.keep_alive(keep);
    if (head_only_) response.body().clear(); // its Content-Length stays
    const auto written = co_await with_timeout(write_all(socket_, response), limits_.write);
    gone_ = !written || *written;
    co_return keep && !gone_;
}

awaitable<void> HttpConnection::end() {
    if (gone_) co_return;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    (void)co_await with_timeout(drop_what_comes(socket_), limits_.farewell);
}

unsigned status_of(HttpConnection::Got refused) {
    switch (refused) {
    case HttpConnection::Got::head_too_large:
        return 431;
    case HttpConnection::Got::body_too_large:
        return 413;
    default:
        return 400;
    }
}

} // namespace console
