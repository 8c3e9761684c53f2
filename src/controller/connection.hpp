#pragma once
// One HTTP/1.1 connection to a controller: TCP, TLS over TCP, or a Unix socket. Used by client.cpp.

#include "async/token.hpp"
#include "base/result.hpp"
#include "controller/cluster_settings.hpp"
#include "controller/response_reader.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>

namespace agent::controller {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

struct Exchange {
    boost::system::error_code ec;
    bool answered = false; ///< at least one byte of a response arrived
    bool reusable = false; ///< for another exchange
    ResponseHead head;
    std::optional<Error> refused; ///< by who read the body
};

class Connection {
  public:
    virtual ~Connection() = default;
    /// Writes the request and reads the whole response; its body goes to whom `choose` names.
    virtual awaitable<Exchange> exchange(const HttpRequest& request,
                                         ResponseReader::Choose choose) = 0;
    /// The peer has closed it, or sent something nobody asked for.
    virtual bool stale() = 0;
    /// What was sent has not arrived for a second, or nothing came for three.
    virtual bool stuck() = 0;
    /// An exchange that runs ends with an error.
    virtual void hang_up() = 0;
};

/// Dials, and for https shakes hands and verifies. The message begins with "dial HOST:PORT".
awaitable<Result<std::unique_ptr<Connection>>> open_connection(const ClusterSettings& settings,
                                                               boost::asio::ssl::context* tls);

/// Verifying by default, with the files the settings name. Errc::invalid_argument names the file
/// that cannot be used.
Result<std::unique_ptr<boost::asio::ssl::context>>
make_tls_context(const ClusterSettings& settings);

/// "connection refused": the system's words, starting small.
std::string reason(const boost::system::error_code& ec);

} // namespace agent::controller
