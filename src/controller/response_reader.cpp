#include "controller/response_reader.hpp"

#include "base/secret.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <string.h> // explicit_bzero

namespace agent::controller {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

} // namespace

class ResponseReader::Parser final : public http::basic_parser<false> {
  public:
    explicit Parser(ResponseReader& reader) : reader_(reader) {
        header_limit(max_head_bytes);
        body_limit(max_body_bytes);
        eager(true);
    }

  private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int, error_code&) override {
        reader_.head_ = {};
        reader_.head_.status = code;
    }
    void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
        if (is_header_done()) return; // a trailer
        if (name == http::field::content_type) reader_.head_.content_type = std::string(value);
        if (name == http::field::location) reader_.head_.location = std::string(value);
        if (name == http::field::retry_after) reader_.head_.retry_after = std::string(value);
    }
    void on_header_impl(error_code& ec) override {
        if (reader_.head_.status / 100 != 1) reader_.take_head();
        if (reader_.head_.status == 101)
            ec = http::error::bad_status; // nobody asked for another protocol
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code& ec) override {
        ec = reader_.take_body({body.data(), body.size()});
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override {
        ec = reader_.take_body({body.data(), body.size()});
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

    ResponseReader& reader_;
};

ResponseReader::ResponseReader(Choose choose)
    : choose_(std::move(choose)), parser_(std::make_unique<Parser>(*this)) {
    pending_.reserve(max_head_bytes +
                     read_piece_bytes); // it never grows, so nothing is left behind
}

ResponseReader::~ResponseReader() {
    wipe(pending_); // an answer may have held a token
}

error_code ResponseReader::feed(std::string_view bytes) {
    raw_ += bytes.size();
    pending_.append(bytes);
    const error_code ec = parse();
    if (ec || done_) return ec;
    // A head, a chunk's line, the trailers: each must be whole to be parsed, so this is what holds
    // the largest.
    if (pending_.size() > max_head_bytes) return http::error::header_limit;
    const bool padded = raw_ - body_bytes_ > max_overhead_bytes + body_bytes_;
    return padded ? error_code(http::error::header_limit) : error_code();
}

error_code ResponseReader::parse() {
    std::size_t used = 0;
    error_code ec;
    while (!ec && !done_ && used < pending_.size()) {
        used +=
            parser_->put(boost::asio::buffer(pending_.data() + used, pending_.size() - used), ec);
        if (!ec && parser_->is_done()) ec = message_ended();
    }
    ::explicit_bzero(pending_.data(), used);
    pending_.erase(0, used);
    return ec == http::error::need_more ? error_code() : ec;
}

error_code ResponseReader::message_ended() {
    if (head_.status / 100 == 1) { // "go on": the answer is still to come
        if (++interim_ > max_interim_answers) return http::error::bad_status;
        parser_ = std::make_unique<Parser>(*this);
        return {};
    }
    head_.keep_alive = parser_->keep_alive();
    done_ = true;
    if (refused_) return boost::asio::error::operation_aborted;
    const auto whole = body_->finish();
    if (whole) return {};
    refused_ = whole.error();
    return boost::asio::error::operation_aborted;
}

void ResponseReader::take_head() {
    body_ = &choose_(head_);
    body_->begin();
}

error_code ResponseReader::take_body(std::string_view piece) {
    body_bytes_ += piece.size();
    if (body_ == nullptr) return {};
    const auto taken = body_->feed(piece);
    if (taken) return {};
    refused_ = taken.error();
    return boost::asio::error::operation_aborted;
}

error_code ResponseReader::end() {
    if (done_) return {};
    if (raw_ == 0) return http::error::end_of_stream;
    if (!parser_->got_some()) return http::error::partial_message;
    error_code ec;
    parser_->put_eof(ec);
    if (!ec) ec = message_ended();
    if (!ec && !done_) ec = http::error::partial_message; // an interim answer was the last word
    return ec;
}

} // namespace agent::controller
