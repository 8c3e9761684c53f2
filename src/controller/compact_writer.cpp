#include "controller/compact_writer.hpp"

#include "base/secret.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agent::controller {

void CompactWriter::clear() {
    if (secret_) wipe(text_);
    text_.clear();
    in_token_ = after_key_ = false;
    depth_ = 0;
    filled_ = 0;
    nodes_ = 0;
}

std::string CompactWriter::take() {
    std::string taken = std::move(text_);
    text_ = std::string();
    return taken;
}

// A level's bit is the one of its depth; the outermost value has none before it.
void CompactWriter::begin_value() {
    ++nodes_;
    if (after_key_) {
        after_key_ = false;
        return;
    }
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(depth_);
    if (depth_ > 0 && (filled_ & bit) != 0) put(",");
    filled_ |= bit;
}

void CompactWriter::open(char bracket) {
    begin_value();
    put({&bracket, 1});
    ++depth_;
    filled_ &= ~(std::uint64_t{1} << static_cast<unsigned>(depth_));
}

void CompactWriter::close(char bracket) {
    put({&bracket, 1});
    --depth_;
}

void CompactWriter::key_part(std::string_view part, bool last) {
    if (!in_token_) begin_value();
    quoted(part, last);
    if (!last) return;
    put(":");
    after_key_ = true;
}

void CompactWriter::string_part(std::string_view part, bool last) {
    if (!in_token_) begin_value();
    quoted(part, last);
}

void CompactWriter::number_part(std::string_view part, bool last) {
    if (!in_token_) begin_value();
    in_token_ = !last;
    put(part);
}

void CompactWriter::word(std::string_view text) {
    begin_value();
    put(text);
}

void CompactWriter::quoted(std::string_view part, bool last) {
    if (!in_token_) put("\"");
    escaped(part);
    in_token_ = !last;
    if (last) put("\"");
}

void CompactWriter::escaped(std::string_view part) {
    const auto special = [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
    };
    while (!part.empty()) {
        const auto end =
            static_cast<std::size_t>(std::ranges::find_if(part, special) - part.begin());
        put(part.substr(0, end));
        if (end == part.size()) return;
        const char c = part[end];
        if (c == '"' || c == '\\')
            put(c == '"' ? "\\\"" : "\\\\");
        else if (const std::size_t known = std::string_view("\b\f\n\r\t").find(c);
                 known != std::string_view::npos)
            put(std::string_view("\\b\\f\\n\\r\\t").substr(2 * known, 2));
        else
            put(fmt::format("\\u{:04x}", static_cast<unsigned char>(c)));
        part.remove_prefix(end + 1);
    }
}

void CompactWriter::put(std::string_view part) {
    if (secret_ &&
        text_.capacity() < text_.size() + part.size()) { // by hand, so that the old copy is wiped
        std::string larger;
        larger.reserve(2 * (text_.size() + part.size()));
        larger = text_;
        wipe(text_);
        text_ = std::move(larger);
    }
    text_.append(part);
}

} // namespace agent::controller
