#include "proxy/upgrade.hpp"

#include "boundary/protocol.hpp"
#include "boundary/websocket_key.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <array>
#include <cstring>

namespace agent::proxy {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t max_answer_bytes = 8 * 1024;

Error refused(const net::TlsStream& tls, const std::string& why) {
    return fail(Errc::worker_refused, Hop::worker, "upgrade at " + tls.peer() + ": " + why);
}

/// Empty when the answer is the one that was asked for.
std::string complaint(const http::response<http::empty_body>& answer, const std::string& key) {
    const auto is = [&](http::field field, std::string_view wanted) {
        const auto found = answer[field];
        return std::string_view(found.data(), found.size()) == wanted;
    };
    if (answer.result() != http::status::switching_protocols)
        return "the worker answered HTTP " + std::to_string(answer.result_int());
    if (!boost::beast::iequals(answer[http::field::upgrade], "websocket") ||
        !http::token_list{answer[http::field::connection]}.exists("upgrade"))
        return "the worker did not switch to WebSocket";
    if (!is(http::field::sec_websocket_accept, boundary::websocket_accept(key)))
        return "the worker's Sec-WebSocket-Accept is wrong";
    if (!is(http::field::sec_websocket_protocol, boundary::subprotocol))
        return "the worker does not speak " + std::string(boundary::subprotocol);
    if (!answer[http::field::sec_websocket_extensions].empty())
        return "the worker wants an extension nobody offered";
    return {};
}

} // namespace

awaitable<Result<std::string>> upgrade(net::TlsStream& tls) {
    const auto key = boundary::new_websocket_key();
    const auto request =
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n"
                    "Sec-WebSocket-Protocol: {}\r\n\r\n",
                    boundary::proxy_path, tls.peer(), key, boundary::subprotocol);
    const auto sent = co_await tls.write(std::as_bytes(std::span(request)));
    if (!sent) co_return sent.error();

    http::response_parser<http::empty_body> parser;
    parser.header_limit(max_answer_bytes);
    parser.skip(true); // an error's body is of no interest
    std::string unread;
    while (!parser.is_header_done()) {
        std::array<std::byte, 4096> buffer;
        const auto count = co_await tls.read_some(buffer);
        if (!count) co_return count.error();
        if (*count == 0)
            co_return fail(Errc::worker_unreachable, Hop::worker,
                           "upgrade at " + tls.peer() + ": the worker closed the connection");
        unread.append(reinterpret_cast<const char*>(buffer.data()), *count);
        boost::system::error_code ec;
        unread.erase(0, parser.put(boost::asio::buffer(unread), ec));
        if (ec && ec != http::error::need_more)
            co_return refused(tls, "the answer is not HTTP: " + ec.message());
        if (unread.size() > max_answer_bytes) co_return refused(tls, "the answer is too long");
    }
    const auto why = complaint(parser.get(), key);
    if (!why.empty()) co_return refused(tls, why);
    co_return unread;
}

} // namespace agent::proxy
