#pragma once
// A Varlink client on Asio: agentd talks to agent-proxies with it. One connection, one call at a
// time; a stream keeps its connection until its last reply.

#include "async/with_timeout.hpp"
#include "ipc/messages/fields.hpp"
#include "ipc/socket/codec.hpp"
#include "ipc/socket/descriptors.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace ipc {

template <class Verb> struct Streamed {
    typename Verb::Response response;
    bool last = false;
};

class Client {
  public:
    using Duration = std::chrono::steady_clock::duration;
    /// Errc::proxy_failed when nobody listens there.
    static Result<std::unique_ptr<Client>> connect(boost::asio::any_io_executor executor,
                                                   const std::string& path);

    template <class Verb>
    boost::asio::awaitable<Result<typename Verb::Response>> call(typename Verb::Request request,
                                                                 Duration timeout) {
        Call call = call_of<Verb>(request);
        auto reply = co_await exchange(std::move(call), timeout);
        if (!reply) co_return reply.error();
        typename Verb::Response response;
        auto read = from_json(reply->parameters, response);
        if (!read) co_return read.error();
        give_descriptors(response, std::move(reply->descriptors));
        co_return response;
    }

    /// Begins a stream; then next() until Streamed::last or an error.
    template <class Verb>
    boost::asio::awaitable<agent::Status> start(typename Verb::Request request) {
        static_assert(Verb::streams);
        Call call = call_of<Verb>(request);
        call.more = true;
        co_return co_await send(std::move(call));
    }
    /// Waits without a limit: a stream is quiet while nothing happens. Ends when the peer does.
    template <class Verb> boost::asio::awaitable<Result<Streamed<Verb>>> next() {
        auto reply = co_await receive();
        if (!reply) co_return reply.error();
        Streamed<Verb> streamed;
        streamed.last = !reply->continues;
        auto read = from_json(reply->parameters, streamed.response);
        if (!read) co_return read.error();
        co_return streamed;
    }

    explicit Client(boost::asio::local::stream_protocol::socket socket, std::string path);

  private:
    template <class Verb> static Call call_of(typename Verb::Request& request) {
        Call call;
        call.method = std::string(Verb::method);
        call.parameters = to_json(request);
        call.descriptors = take_descriptors(request);
        return call;
    }
    boost::asio::awaitable<Result<Reply>> exchange(Call call, Duration timeout);
    boost::asio::awaitable<Result<Reply>> send_and_receive(Call call);
    boost::asio::awaitable<agent::Status> send(Call call);
    boost::asio::awaitable<Result<Reply>> receive();

    boost::asio::local::stream_protocol::socket socket_;
    std::string path_;
    MessageSplitter splitter_;
};

} // namespace ipc
