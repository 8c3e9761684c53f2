#pragma once
// ResponseReader: one HTTP/1.1 answer out of bytes, without sockets: head, body (with a length,
// chunked or to the end of the stream), interim answers before it. Everything in it is bounded
// (answer_limits.hpp), also what is neither head nor body. connection.cpp feeds it.

#include "base/result.hpp"
#include "controller/answer_limits.hpp"
#include "controller/body_reader.hpp"

#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace agent::controller {

struct ResponseHead {
    int status = 0;
    bool keep_alive = false;
    std::string content_type;
    std::string location;
    std::string retry_after;
};

class ResponseReader {
  public:
    /// Who reads the body of an answer with this head.
    using Choose = std::function<BodyReader&(const ResponseHead&)>;
    explicit ResponseReader(Choose choose);
    ~ResponseReader();

    /// Takes what arrived; wants more until done(). An error is final: of boost::beast::http, or
    /// `canceled` when the body's reader refused it.
    boost::system::error_code feed(std::string_view bytes);
    /// The stream has ended.
    boost::system::error_code end();

    bool done() const { return done_; }
    /// At least one byte of an answer has come.
    bool started() const { return raw_ > 0; }
    /// Something came behind the answer, which nobody asked for.
    bool leftover() const { return done_ && !pending_.empty(); }
    const ResponseHead& head() const { return head_; }
    const std::optional<Error>& refused() const { return refused_; }

  private:
    class Parser;
    boost::system::error_code parse();
    boost::system::error_code message_ended();
    boost::system::error_code take_body(std::string_view piece);
    void take_head();

    Choose choose_;
    std::unique_ptr<Parser> parser_;
    BodyReader* body_ = nullptr;
    std::string pending_; ///< the beginning of a line that has no end yet; bounded
    ResponseHead head_;
    std::optional<Error> refused_;
    std::uint64_t raw_ = 0;
    std::uint64_t body_bytes_ = 0;
    int interim_ = 0;
    bool done_ = false;
};

} // namespace agent::controller
