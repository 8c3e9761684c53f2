#pragma once
// File descriptors beside a message (SCM_RIGHTS): they leave with its first byte. A verb whose
// request or response has a member `descriptors` carries them; a call with some goes alone on its
// connection, so that it is known whose they are. The server and the client on Asio use this.

#include "async/token.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ipc {

using Descriptors = std::vector<agent::UniqueFd>;

template <class Message> Descriptors take_descriptors(Message& message) {
    if constexpr (requires { message.descriptors; })
        return std::exchange(message.descriptors, {});
    else
        return {};
}

template <class Message> void give_descriptors(Message& message, Descriptors descriptors) {
    if constexpr (requires { message.descriptors; }) message.descriptors = std::move(descriptors);
}

/// Sends some bytes, at least one, and all of `descriptors` with them; how many bytes it was.
boost::asio::awaitable<std::pair<boost::system::error_code, std::size_t>>
send_some(boost::asio::local::stream_protocol::socket& socket, std::string_view bytes,
          const Descriptors& descriptors);

/// Receives some bytes; descriptors beside them are added to `into`, up to `most` of them there.
/// The rest is closed.
boost::asio::awaitable<std::pair<boost::system::error_code, std::size_t>>
receive_some(boost::asio::local::stream_protocol::socket& socket, std::string& buffer,
             Descriptors& into, std::size_t most);
/// The same without waiting: would_block when nothing is there.
std::pair<boost::system::error_code, std::size_t>
receive_now(boost::asio::local::stream_protocol::socket& socket, std::string& buffer,
            Descriptors& into, std::size_t most);

} // namespace ipc
