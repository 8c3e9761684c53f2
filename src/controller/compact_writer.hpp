#pragma once
// Writes JSON compactly from the events of a parser: no space between tokens, numbers digit for
// digit, strings with the escapes that are needed and no others. Used by json_text.cpp and
// page_reader.cpp.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agent::controller {

class CompactWriter {
  public:
    /// `secret`: what it outgrows is wiped.
    explicit CompactWriter(bool secret = false) : secret_(secret) {}
    CompactWriter(const CompactWriter&) = delete;
    CompactWriter& operator=(const CompactWriter&) = delete;
    ~CompactWriter() { clear(); }

    void clear();
    void open(char bracket);
    void close(char bracket);
    void key_part(std::string_view part, bool last);
    void string_part(std::string_view part, bool last);
    void number_part(std::string_view part, bool last);
    void word(std::string_view text);

    int depth() const { return depth_; } // at most max_answer_depth: the parser sees to it
    std::size_t nodes() const { return nodes_; }
    const std::string& text() const { return text_; }
    std::string take();

  private:
    void begin_value();
    void quoted(std::string_view part, bool last);
    void escaped(std::string_view part);
    void put(std::string_view part);

    bool secret_;
    bool in_token_ = false;
    bool after_key_ = false;
    int depth_ = 0;
    std::uint64_t filled_ = 0; ///< one bit a level: it has a member already
    std::size_t nodes_ = 0;
    std::string text_;
};

} // namespace agent::controller
