#include "devserver/api/http_server.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "console/serve/page.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>

namespace devserver {
namespace {

namespace http = boost::beast::http;
using agent::awaitable;
using boost::asio::ip::tcp;
using namespace std::chrono_literals;

constexpr auto idle_limit = 5min;
constexpr auto header_limit = 10s;
constexpr auto body_limit = 30s;
constexpr auto write_limit = 60s;
constexpr std::size_t max_body = 1024 * 1024;
constexpr std::size_t max_header = 64 * 1024;
constexpr std::size_t max_connections = 1000;

using Parser = http::request_parser<http::string_body>;
using Response = http::response<http::string_body>;

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
    }
    return true;
}

Response respond(const Reply& reply, unsigned version, bool keep_alive) {
    Response response(static_cast<http::status>(reply.status), version);
    response.set(http::field::cache_control, "no-store");
    response.set(http::field::access_control_allow_origin, "*");
    if (reply.body) {
        response.set(http::field::content_type, "application/json");
        response.body() = agent::dump_json(*reply.body);
    }
    response.keep_alive(keep_alive);
    if (reply.status != 204) response.prepare_payload();
    return response;
}

Response preflight(unsigned version) {
    Response response(http::status::no_content, version);
    response.set(http::field::access_control_allow_origin, "*");
    response.set(http::field::access_control_allow_methods, "GET, POST, PATCH, DELETE, OPTIONS");
    response.set(http::field::access_control_allow_headers, "Authorization, Content-Type, X-Correlation-Id");
    response.set(http::field::access_control_max_age, "600");
    response.keep_alive(true);
    return response;
}

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

awaitable<boost::system::error_code> write(tcp::socket& socket, Response& response) {
    auto [ec, n] = co_await http::async_write(socket, response, agent::async::token);
    (void)n;
    co_return ec;
}

} // namespace

agent::Status HttpServer::listen(const std::string& address, std::uint16_t port) {
    boost::system::error_code ec;
    const auto ip = boost::asio::ip::make_address(address, ec);
    const std::string shown = address + ":" + std::to_string(port);
    if (ec)
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::local, "\"" + address + "\" is no IP address");
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor acceptor(executor_);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(boost::asio::socket_base::max_listen_connections, ec);
    if (ec) return agent::fail_errno(agent::Errc::listen_failed, agent::Hop::local, "listen on " + shown, ec.value());
    acceptors_.push_back(std::move(acceptor));
    tasks_.spawn(accept(acceptors_.back()), "accept");
    return {};
}

std::vector<tcp::endpoint> HttpServer::endpoints() const {
    std::vector<tcp::endpoint> all;
    for (const auto& acceptor : acceptors_) all.push_back(acceptor.local_endpoint());
    return all;
}

awaitable<void> HttpServer::accept(tcp::acceptor& acceptor) {
    while (acceptor.is_open()) {
        auto [ec, socket] = co_await acceptor.async_accept(agent::async::token);
        if (ec == boost::asio::error::operation_aborted || ec == boost::asio::error::bad_descriptor) co_return;
        if (ec || tasks_.size() > max_connections) { // out of files, or too many: others need time to end
            agent::log::warning("api accept: {}", ec ? ec.message() : std::string("too many connections"));
            co_await agent::async::sleep_for(100ms);
            continue;
        }
        tasks_.spawn(serve(std::move(socket)), "api connection");
    }
}

awaitable<void> HttpServer::serve(Socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    boost::beast::flat_buffer buffer(max_body + max_header);
    for (bool keep = true; keep;) {
        if (buffer.size() == 0) {
            const auto ready = co_await agent::async::with_timeout(wait_readable(socket), idle_limit);
            if (!ready || *ready) break;
        }
        Parser parser;
        parser.body_limit(max_body);
        parser.header_limit(max_header);
        const auto head = co_await agent::async::with_timeout(read_head(socket, buffer, parser), header_limit);
        if (!head || *head == http::error::end_of_stream) break;
        std::optional<Reply> refusal;
        if (*head == http::error::body_limit) { // Content-Length says so already
            refusal = invalid_argument("The request body is larger than 1 MiB.");
            refusal->status = 413;
        } else if (*head) {
            refusal = invalid_argument("This is not an HTTP request: " + head->message());
        } else {
            const auto rest = co_await agent::async::with_timeout(read_rest(socket, buffer, parser), body_limit);
            if (!rest) break;
            if (*rest == http::error::body_limit) {
                refusal = invalid_argument("The request body is larger than 1 MiB.");
                refusal->status = 413;
            } else if (*rest) {
                break;
            }
        }
        const auto& request = parser.get();
        const auto correlation = request["X-Correlation-Id"];
        if (!refusal && !correlation.empty() && !is_uuid({correlation.data(), correlation.size()}))
            refusal = invalid_argument("X-Correlation-Id must be a UUID.");

        keep = !refusal && request.keep_alive();
        Response response;
        if (refusal) {
            response = respond(*refusal, 11, keep);
        } else if (request.method() == http::verb::options) {
            response = preflight(request.version());
        } else if (auto page = console::serve_page(request)) {
            response = std::move(*page);
        } else {
            HttpRequest message;
            message.method = std::string(request.method_string());
            message.target = std::string(request.target());
            message.authorization = std::string(request[http::field::authorization]);
            message.body = request.body();
            const auto reply = api_.handle(message);
            agent::log::debug("api {} {} status={}", message.method, message.target.substr(0, message.target.find('?')),
                              reply.status);
            response = respond(reply, request.version(), keep);
        }
        const auto written = co_await agent::async::with_timeout(write(socket, response), write_limit);
        if (!written || *written) break;
    }
    socket.shutdown(tcp::socket::shutdown_both, ignored);
}

awaitable<void> HttpServer::stop() {
    boost::system::error_code ignored;
    for (auto& acceptor : acceptors_) acceptor.close(ignored);
    co_await tasks_.stop();
}

} // namespace devserver
