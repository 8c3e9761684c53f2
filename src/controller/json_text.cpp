#include "controller/json_text.hpp"

#include "base/json_text.hpp"
#include "controller/compact_writer.hpp"
#include "controller/json_parser.hpp"

#include <nlohmann/json.hpp>

namespace agent::controller {
namespace {

class TextHandler : public CountlessHandler {
  public:
    explicit TextHandler(JsonTextLimits limits) : limits_(limits), writer(true) {}

    bool on_array_begin(ErrorCode& ec) { return open('[', ec); }
    bool on_object_begin(ErrorCode& ec) { return open('{', ec); }
    bool on_array_end(std::size_t, ErrorCode& ec) { return close(']', ec); }
    bool on_object_end(std::size_t, ErrorCode& ec) { return close('}', ec); }
    bool on_key_part(View part, std::size_t, ErrorCode& ec) {
        return writer.key_part(part, false), check(ec);
    }
    bool on_key(View part, std::size_t, ErrorCode& ec) {
        return writer.key_part(part, true), check(ec);
    }
    bool on_string_part(View part, std::size_t, ErrorCode& ec) {
        return writer.string_part(part, false), check(ec);
    }
    bool on_string(View part, std::size_t, ErrorCode& ec) {
        return writer.string_part(part, true), check(ec);
    }
    bool number(View part, bool last, ErrorCode& ec) {
        return writer.number_part(part, last), check(ec);
    }
    bool on_bool(bool value, ErrorCode& ec) {
        return writer.word(value ? "true" : "false"), check(ec);
    }
    bool on_null(ErrorCode& ec) { return writer.word("null"), check(ec); }

  private:
    bool open(char bracket, ErrorCode& ec) {
        writer.open(bracket);
        return check(ec);
    }
    bool close(char bracket, ErrorCode& ec) {
        writer.close(bracket);
        return check(ec);
    }
    bool check(ErrorCode& ec) {
        if (!writer.text().empty() && writer.text().front() != '{') return no_object(ec);
        return (writer.text().size() <= limits_.bytes && writer.nodes() <= limits_.nodes) ||
               too_much(ec);
    }
    JsonTextLimits limits_;

  public:
    CompactWriter writer;
};

} // namespace

class JsonText::Parser : public JsonParser<TextHandler> {
    using JsonParser::JsonParser;
};

Result<Json> parse_item(std::string_view text) {
    if (text.size() > max_tree_bytes)
        return fail(Errc::limit_exceeded, Hop::controller, "larger than any item");
    return parse_json_within(text, max_tree_nodes);
}

JsonText::JsonText(JsonTextLimits limits) : limits_(limits) {}
JsonText::~JsonText() = default;

void JsonText::begin() {
    parser_ = std::make_unique<Parser>(limits_);
}

Status JsonText::feed(std::string_view piece) {
    return parser_->feed(piece);
}

Status JsonText::finish() {
    return parser_->finish();
}

std::string JsonText::take() {
    return parser_ ? parser_->handler().writer.take() : std::string();
}

} // namespace agent::controller
