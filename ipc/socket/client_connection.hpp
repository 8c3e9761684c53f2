#pragma once
// One connected client of the server: reads ahead within bounds, answers in order, notices when the client has gone.

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
    /// No further call is read; an idle client and a stream end at once.
    void finish();
    boost::asio::awaitable<agent::Status> send(Reply reply) override;

  private:
    boost::asio::awaitable<void> read_calls();
    boost::asio::awaitable<void> answer_calls();
    boost::asio::awaitable<boost::system::error_code> write_piece(const char* bytes, std::size_t count,
                                                                  Descriptors& beside);
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
    bool busy_ = false;
    agent::async::Event arrived_;
    agent::async::Event room_;
};

} // namespace ipc
