#include "ipc/socket/client.hpp"

#include "base/unix_socket.hpp"
#include "ipc/socket/limits.hpp"
#include "ipc/socket/wire_error.hpp"

#include <boost/asio/write.hpp>

#include <cerrno>

namespace ipc {

namespace asio = boost::asio;
using agent::Errc;
using agent::Hop;

Client::Client(asio::local::stream_protocol::socket socket, std::string path)
    : socket_(std::move(socket)), path_(std::move(path)), splitter_(max_reply_bytes) {}

Result<std::unique_ptr<Client>> Client::connect(asio::any_io_executor executor,
                                                const std::string& path) {
    using Protocol = asio::local::stream_protocol;
    if (const auto fits = agent::unix_address(path); !fits) return fits.error();
    Protocol::socket socket(executor);
    boost::system::error_code ec;
    socket.open(Protocol(), ec);
    if (!ec)
        socket.non_blocking(
            true, ec); // a full backlog answers EAGAIN instead of stopping the whole process
    if (!ec) socket.connect(Protocol::endpoint(path), ec);
    const bool full = ec == asio::error::no_descriptors ||
                      ec.value() == ENFILE; // says nothing about the other side
    const Errc code = full ? Errc::limit_exceeded : Errc::proxy_failed;
    if (ec) return agent::fail_errno(code, Hop::agent, "connect to " + path, ec.value());
    return std::make_unique<Client>(std::move(socket), path);
}

asio::awaitable<Result<Reply>> Client::exchange(Call call, Duration timeout) {
    const std::string method = call.method;
    auto reply = co_await agent::async::with_timeout(send_and_receive(std::move(call)), timeout);
    if (!reply)
        co_return agent::fail(Errc::timed_out, Hop::agent,
                              path_ + " did not answer " + method + " in time");
    co_return std::move(*reply);
}

asio::awaitable<Result<Reply>> Client::send_and_receive(Call call) {
    auto sent = co_await send(std::move(call));
    if (!sent) co_return sent.error();
    co_return co_await receive();
}

asio::awaitable<agent::Status> Client::send(Call call) {
    std::string text = encode(call);
    wipe(call.parameters);
    auto [ec, begun] = co_await send_some(socket_, text, call.descriptors);
    if (!ec && begun < text.size()) {
        const auto [rest_ec, n] = co_await asio::async_write(
            socket_, asio::buffer(text.data() + begun, text.size() - begun), agent::async::token);
        ec = rest_ec;
    }
    wipe(text);
    if (ec)
        co_return agent::fail_errno(Errc::proxy_failed, Hop::agent, "send to " + path_, ec.value());
    co_return agent::Status();
}

asio::awaitable<Result<Reply>> Client::receive() {
    std::string buffer(16U << 10U, '\0');
    Descriptors descriptors;
    while (true) {
        auto message = splitter_.next();
        if (!message) co_return message.error();
        if (message->has_value()) {
            auto reply = decode_reply(**message);
            if (reply && !reply->error.empty()) co_return error_from_reply(*reply);
            if (reply) reply->descriptors = std::move(descriptors);
            co_return reply;
        }
        const auto [ec, n] = co_await receive_some(socket_, buffer, descriptors, max_descriptors);
        if (ec)
            co_return agent::fail(Errc::proxy_failed, Hop::agent,
                                  path_ + " closed the connection: " + ec.message());
        splitter_.feed(std::string_view(buffer.data(), n));
    }
}

} // namespace ipc
