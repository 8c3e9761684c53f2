#pragma once
// HttpConnection: one client's socket, from the first request to the end: requests in, answers out,
// bounds on what may come and how slowly, and an end that no reset overtakes. What is answered is
// its caller's: agent-console's server and the dev server's API.

#include "async/token.hpp"
#include "console/serve/page.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace console {

struct HttpLimits {
    std::chrono::milliseconds head{10'000}; ///< a request's first byte to the end of its headers
    std::chrono::milliseconds body{30'000}; ///< from there to its last byte
    std::chrono::milliseconds keep_alive{60'000}; ///< between two requests
    std::chrono::milliseconds write{60'000};
    std::chrono::milliseconds farewell{
        2'000}; ///< how long what still comes is dropped after the last answer
    std::size_t head_bytes = 32 * 1024;
    std::size_t body_bytes = 1024 * 1024;
};

class HttpConnection {
  public:
    enum class Got : std::uint8_t {
        request,
        nothing, ///< the client has gone, or was too slow: nobody is there to be answered
        malformed,
        head_too_large,
        body_too_large,
    };

    HttpConnection(boost::asio::ip::tcp::socket socket, const HttpLimits& limits);

    /// The next request up to its empty line.
    agent::awaitable<Got> read_head();
    /// The rest of it.
    agent::awaitable<Got> read_body();
    /// As far as it has been read; also when it was malformed.
    HttpRequest& request() { return parser_->get(); }
    /// Whether all of it is there, so that another one may follow the answer.
    bool whole() const { return parser_->is_done(); }
    /// Why it was malformed.
    const std::string& problem() const { return problem_; }

    /// Without the body when the request was a HEAD. false: the connection ends here, because
    /// `keep` says so or the client has gone.
    agent::awaitable<bool> write(HttpResponse response, bool keep);
    /// After the last answer. What the client still sends is dropped for a moment, because to close
    /// over it would be a reset, and a reset may overtake the answer.
    agent::awaitable<void> end();

  private:
    Got judge(const boost::system::error_code& ec);

    boost::asio::ip::tcp::socket socket_;
    const HttpLimits limits_;
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    std::string problem_;
    bool head_only_ = false;
    bool gone_ = false;
};

/// 400, 413 or 431.
unsigned status_of(HttpConnection::Got refused);

} // namespace console
