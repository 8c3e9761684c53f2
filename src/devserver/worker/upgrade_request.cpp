#include "devserver/worker/upgrade_request.hpp"

#include "boundary/protocol.hpp"
#include "boundary/websocket_key.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace devserver {
namespace {

namespace http = boost::beast::http;
using Head = http::request_parser<http::empty_body>;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

bool lists(boost::beast::string_view header, std::string_view word) {
    return http::token_list(header).exists({word.data(), word.size()});
}

bool offers_subprotocol(const Head::value_type& request) {
    const auto [first, last] = request.equal_range(http::field::sec_websocket_protocol);
    return std::any_of(first, last, [](const auto& field) {
        return lists(field.value(), agent::boundary::subprotocol);
    });
}

/// An Origin is what browsers send: it must name the host that was asked.
bool is_foreign_origin(const Head::value_type& request) {
    if (request.count(http::field::origin) == 0) return false;
    const auto origin = view(request[http::field::origin]);
    const auto start = origin.find("://");
    return start == std::string_view::npos ||
           !boost::beast::iequals(request[http::field::origin].substr(start + 3),
                                  request[http::field::host]);
}

int judge(const Head::value_type& request) {
    if (view(request.target()).substr(0, request.target().find('?')) != agent::boundary::proxy_path)
        return 404;
    if (request.method() != http::verb::get) return 405;
    if (request.version() < 11 || !lists(request[http::field::connection], "upgrade") ||
        !lists(request[http::field::upgrade], "websocket"))
        return 426;
    if (request[http::field::sec_websocket_version] != "13" ||
        request.count(http::field::sec_websocket_key) != 1 ||
        !agent::boundary::is_websocket_key(view(request[http::field::sec_websocket_key])))
        return 400;
    // A body would be indistinguishable from the frames that may follow at once.
    if (request.count(http::field::transfer_encoding) != 0 ||
        (request.count(http::field::content_length) != 0 &&
         request[http::field::content_length] != "0"))
        return 400;
    return is_foreign_origin(request) ? 403 : 101;
}

UpgradeAnswer switch_protocols(const Head::value_type& request) {
    UpgradeAnswer answer;
    answer.text = fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: Upgrade\r\n"
        "Upgrade: websocket\r\n"
        "Sec-WebSocket-Accept: {}\r\n",
        agent::boundary::websocket_accept(view(request[http::field::sec_websocket_key])));
    if (offers_subprotocol(request))
        answer.text += fmt::format("Sec-WebSocket-Protocol: {}\r\n", agent::boundary::subprotocol);
    answer.text += "\r\n";
    return answer;
}

} // namespace

std::optional<std::size_t> request_head_length(std::string_view received) {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    return end + 4;
}

UpgradeAnswer answer_upgrade(std::string_view head) {
    Head parser;
    parser.header_limit(max_request_head);
    boost::beast::error_code ec;
    parser.put(boost::asio::buffer(head.data(), head.size()), ec);
    if (ec || !parser.is_header_done()) return answer_plainly(400);
    const auto& request = parser.get();
    const int status = judge(request);
    return status == 101 ? switch_protocols(request) : answer_plainly(status);
}

UpgradeAnswer answer_plainly(int status) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(status));
    const auto body = status == 500 ? std::string() : fmt::format("{}\n", view(reason));
    UpgradeAnswer answer;
    answer.status = status;
    answer.text = fmt::format("HTTP/1.1 {} {}\r\n"
                              "Cache-Control: no-store\r\n"
                              "{}"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Length: {}\r\n"
                              "\r\n{}",
                              status, view(reason),
                              status == 426 ? "Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
                              : status == 405 ? "Connection: close\r\nAllow: GET\r\n"
                              : status == 400 ? "Connection: close\r\nSec-WebSocket-Version: 13\r\n"
                                              : "Connection: close\r\n",
                              body.size(), body);
    return answer;
}

} // namespace devserver
