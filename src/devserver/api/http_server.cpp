#include "devserver/api/http_server.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "console/serve/http_connection.hpp"
#include "net/listen.hpp"

#include <algorithm>
#include <cctype>

namespace devserver {
namespace {

namespace http = boost::beast::http;
using agent::awaitable;
using boost::asio::ip::tcp;
using namespace std::chrono_literals;

constexpr console::HttpLimits limits{.keep_alive = 5min, .head_bytes = 64 * 1024};
constexpr std::size_t max_connections = 1000;

using Got = console::HttpConnection::Got;
using Response = console::HttpResponse;

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
            return false;
    }
    return true;
}

Response respond(const Reply& reply, unsigned version) {
    Response response(static_cast<http::status>(reply.status), version);
    response.set(http::field::cache_control, "no-store");
    response.set(http::field::access_control_allow_origin, "*");
    if (reply.body) {
        response.set(http::field::content_type, "application/json");
        response.body() = agent::dump_json(*reply.body);
    }
    if (reply.status != 204) response.prepare_payload();
    return response;
}

Response preflight(unsigned version) {
    Response response(http::status::no_content, version);
    response.set(http::field::access_control_allow_origin, "*");
    response.set(http::field::access_control_allow_methods, "GET, POST, PATCH, DELETE, OPTIONS");
    response.set(http::field::access_control_allow_headers,
                 "Authorization, Content-Type, X-Correlation-Id");
    response.set(http::field::access_control_max_age, "600");
    return response;
}

Response refuse(Got got, const std::string& problem) {
    auto refusal = invalid_argument(
        got == Got::body_too_large   ? "The request body is larger than 1 MiB."
        : got == Got::head_too_large ? "The request's headers are larger than 64 KiB."
                                     : "This is not an HTTP request: " + problem);
    refusal.status = console::status_of(got);
    return respond(refusal, 11);
}

} // namespace

agent::Status HttpServer::listen(const std::string& address, std::uint16_t port) {
    auto acceptor = agent::net::listen_tcp(executor_, address, port);
    if (!acceptor) return acceptor.error();
    acceptors_.push_back(std::move(*acceptor));
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
        if (ec == boost::asio::error::operation_aborted || ec == boost::asio::error::bad_descriptor)
            co_return;
        if (ec ||
            tasks_.size() > max_connections) { // out of files, or too many: others need time to end
            agent::log::warning("api accept: {}",
                                ec ? ec.message() : std::string("too many connections"));
            co_await agent::async::sleep_for(100ms);
            continue;
        }
        tasks_.spawn(serve(std::move(socket)), "api connection");
    }
}

awaitable<void> HttpServer::serve(Socket socket) {
    console::HttpConnection connection(std::move(socket), limits);
    for (bool keep = true; keep;) {
        auto got = co_await connection.read_head();
        if (got == Got::request) got = co_await connection.read_body();
        if (got == Got::nothing) co_return;
        const auto& request = connection.request();
        const bool next = got == Got::request && request.keep_alive();
        auto response = got == Got::request ? answer(request) : refuse(got, connection.problem());
        keep = co_await connection.write(std::move(response), next);
    }
    co_await connection.end();
}

Response HttpServer::answer(const console::HttpRequest& request) {
    const auto correlation = request["X-Correlation-Id"];
    if (!correlation.empty() && !is_uuid({correlation.data(), correlation.size()}))
        return respond(invalid_argument("X-Correlation-Id must be a UUID."), request.version());
    if (request.method() == http::verb::options) return preflight(request.version());
    if (auto page = console::serve_page(request)) return std::move(*page);
    HttpRequest message;
    message.method = std::string(request.method_string());
    message.target = std::string(request.target());
    message.authorization = std::string(request[http::field::authorization]);
    message.body = request.body();
    const auto reply = api_.handle(message);
    agent::log::debug("api {} {} status={}", message.method,
                      message.target.substr(0, message.target.find('?')), reply.status);
    return respond(reply, request.version());
}

awaitable<void> HttpServer::stop() {
    boost::system::error_code ignored;
    for (auto& acceptor : acceptors_) acceptor.close(ignored);
    co_await tasks_.stop();
}

} // namespace devserver
