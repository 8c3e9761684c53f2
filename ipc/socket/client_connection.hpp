#pragma once
// One connected client of the server: reads ahead within bounds, answers in order, notices when the
// client has gone. When the server stops, what has been asked is still answered, and whoever asks
// later can tell that it was not read.

#include "async/event.hpp"
#include "ipc/socket/descriptors.hpp"
#include "ipc/socket/router.hpp"
#include "ipc/socket/server.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <deque>
#include <optional>
#include <string>

namespace ipc {

class ClientConnection final : public ReplySink {
  public:
    using Socket = boost::asio::local::stream_protocol::socket;
    ClientConnection(Socket socket, Router& router, const ServerLimits& limits);

    boost::asio::awaitable<void> run();
    /// The server stops: an endless stream ends, a client that has not asked anything yet may still
    /// do so, any other is answered and then closed.
    void finish();
    /// What has been sent is answered, and no more is read: sending fails for the client from here
    /// on.
    void finish_reading();
    /// A call that is running ends; nothing else is answered.
    void cut();
    boost::asio::awaitable<agent::Status> send(Reply reply) override;

  private:
    boost::asio::awaitable<void> read_calls();
    void take(std::string& buffer, std::size_t count);
    bool owes_a_call() const;
    boost::asio::awaitable<void> answer_calls();
    boost::asio::awaitable<void> write_text(const std::string& text, Descriptors& beside);
    boost::asio::awaitable<boost::system::error_code>
    write_piece(const char* bytes, std::size_t count, Descriptors& beside);
    void hang_up();

    Socket socket_;
    Router& router_;
    const ServerLimits& limits_;
    MessageSplitter splitter_;
    std::deque<std::string> calls_;
    Descriptors descriptors_;            // beside a call that is on its way
    std::optional<agent::Error> broken_; // what ended the reading of messages
    bool no_more_calls_ = false;
    bool gone_ = false;
    bool asked_ = false; // a call has been taken from it
    bool busy_ = false;  // with a call that ends by itself
    bool endless_ = false;
    bool finishing_ = false;
    agent::async::Event arrived_;
    agent::async::Event room_;
};

} // namespace ipc
