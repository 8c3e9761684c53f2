#pragma once
// JsonParser<Handler>: Boost.JSON's parser, which takes its text in pieces, with our limits and our
// errors. Includes much: only for json_text.cpp and page_reader.cpp.

#include "base/result.hpp"
#include "controller/answer_limits.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace agent::controller {

/// A handler's part that is the same for all. The handler adds number(part, last, ec) and what is
/// not here.
class CountlessHandler {
  public:
    using ErrorCode = boost::system::error_code;
    using View = boost::json::string_view;
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    static bool on_document_begin(ErrorCode&) { return true; }
    static bool on_document_end(ErrorCode&) { return true; }
    static bool on_comment_part(View, ErrorCode&) { return true; }
    static bool on_comment(View, ErrorCode&) { return true; }

    /// It is JSON, and more than is taken.
    static bool too_much(ErrorCode& ec) {
        ec = make_error_code(boost::system::errc::message_size);
        return false;
    }
    static bool no_object(ErrorCode& ec) {
        ec = make_error_code(boost::system::errc::invalid_argument);
        return false;
    }
};

template <class Handler> class JsonParser {
  public:
    template <class... Words>
    explicit JsonParser(Words&&... words) : parser_(options(), std::forward<Words>(words)...) {}
    JsonParser(const JsonParser&) = delete;
    JsonParser& operator=(const JsonParser&) = delete;
    ~JsonParser() = default;

    Handler& handler() { return parser_.handler(); }

    Status feed(std::string_view piece) {
        if (!begun_) { // an empty body is none at all
            piece.remove_prefix(std::min(piece.find_first_not_of(" \t\r\n"), piece.size()));
            if (piece.empty()) return {};
            begun_ = true;
        }
        boost::system::error_code ec;
        const std::size_t taken = parser_.write_some(true, piece.data(), piece.size(), ec);
        if (!ec && taken < piece.size()) ec = boost::json::error::extra_data;
        return judged(ec);
    }
    Status finish() {
        if (!begun_) return {};
        boost::system::error_code ec;
        parser_.write_some(false, "", 0, ec);
        return judged(ec);
    }

  private:
    /// Numbers travel digit for digit; what no double holds would be no number to whoever reads it.
    class Numbers : public Handler {
      public:
        using Handler::Handler;
        using ErrorCode = CountlessHandler::ErrorCode;
        using View = CountlessHandler::View;
        bool on_number_part(View part, ErrorCode& ec) { return this->number(part, false, ec); }
        bool on_int64(std::int64_t, View part, ErrorCode& ec) {
            return this->number(part, true, ec);
        }
        bool on_uint64(std::uint64_t, View part, ErrorCode& ec) {
            return this->number(part, true, ec);
        }
        bool on_double(double value, View part, ErrorCode& ec) {
            return std::isfinite(value) ? this->number(part, true, ec) : this->no_object(ec);
        }
    };
    static boost::json::parse_options options() {
        boost::json::parse_options options;
        options.max_depth = max_answer_depth;
        return options;
    }
    static Status judged(const boost::system::error_code& ec) {
        if (!ec) return {};
        if (ec == boost::json::error::too_deep)
            return fail(Errc::controller_protocol, Hop::controller,
                        "JSON nested deeper than " + std::to_string(max_answer_depth) + " levels");
        if (ec == boost::system::errc::message_size)
            return fail(Errc::limit_exceeded, Hop::controller, "larger than any of a controller");
        return fail(Errc::controller_protocol, Hop::controller, "broken JSON");
    }
    boost::json::basic_parser<Numbers> parser_;
    bool begun_ = false;
};

} // namespace agent::controller
