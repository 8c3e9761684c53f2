#include "controller/page_reader.hpp"

#include "controller/compact_writer.hpp"
#include "controller/json_parser.hpp"

#include <utility>

namespace agent::controller {
namespace {

constexpr std::size_t max_id_bytes =
    256; // of ids, names of members and times; what is longer is none that we look at

/// A string's value, when it is one that we look at.
class Captured {
  public:
    void add(std::string_view part, std::size_t limit) {
        if (value_.size() + part.size() > limit) cut_ = true;
        if (!cut_) value_.append(part);
    }
    bool cut() const { return cut_; }
    std::string take() {
        std::string taken = cut_ ? std::string() : std::move(value_);
        value_.clear();
        cut_ = false;
        return taken;
    }

  private:
    std::string value_;
    bool cut_ = false;
};

// Depths are those of the page: its members are at 1, an item at 2, an item's members at 3.
class PageHandler : public CountlessHandler {
  public:
    explicit PageHandler(std::size_t room) : room_(room) {}

    bool on_array_begin(ErrorCode& ec) { return open('[', ec); }
    bool on_object_begin(ErrorCode& ec) { return open('{', ec); }
    bool on_array_end(std::size_t, ErrorCode& ec) { return close(']', ec); }
    bool on_object_end(std::size_t, ErrorCode& ec) { return close('}', ec); }
    bool on_key_part(View part, std::size_t, ErrorCode& ec) { return key(part, false, ec); }
    bool on_key(View part, std::size_t, ErrorCode& ec) { return key(part, true, ec); }
    bool on_string_part(View part, std::size_t, ErrorCode& ec) { return string(part, false, ec); }
    bool on_string(View part, std::size_t, ErrorCode& ec) { return string(part, true, ec); }
    bool number(View part, bool last, ErrorCode& ec) {
        if (depth_ == 0) return no_object(ec);
        if (in_item()) item_.number_part(part, last);
        return last ? ended_value(ec) : within_room(ec);
    }
    bool on_bool(bool value, ErrorCode& ec) { return word(value ? "true" : "false", ec); }
    bool on_null(ErrorCode& ec) { return word("null", ec); }

    Page page;

  private:
    enum class Section : std::uint8_t { other, items, removed_ids, list_token, response_type };
    bool in_item() const { return section_ == Section::items && depth_ >= 2; }
    bool in_removed() const { return section_ == Section::removed_ids && depth_ == 2; }

    bool open(char bracket, ErrorCode& ec) {
        if (depth_ == 0 && bracket != '{') return no_object(ec);
        if (in_item())
            item_.open(bracket);
        else if (depth_ == 1 && bracket == '{')
            section_ = Section::other; // an object in the place of a list
        ++depth_;
        return true;
    }
    bool close(char bracket, ErrorCode& ec) {
        --depth_;
        if (in_item()) item_.close(bracket);
        return ended_value(ec);
    }
    bool key(std::string_view part, bool last, ErrorCode& ec) {
        if (in_item()) item_.key_part(part, last);
        if (depth_ != 1 && !(in_item() && depth_ == 3)) return within_room(ec);
        key_.add(part, max_id_bytes);
        if (!last) return within_room(ec);
        (depth_ == 1 ? name_ : item_name_) = key_.take();
        if (depth_ == 1) section_ = section_of(name_);
        return within_room(ec);
    }
    bool string(std::string_view part, bool last, ErrorCode& ec) {
        if (depth_ == 0) return no_object(ec);
        if (in_item()) {
            item_.string_part(part, last);
            if (depth_ == 3) value_.add(part, max_id_bytes);
        } else if (in_removed() || depth_ == 1) {
            value_.add(part, depth_ == 1 ? max_list_token_bytes : max_id_bytes);
        }
        return last ? ended_string(ec) : within_room(ec);
    }
    bool word(std::string_view text, ErrorCode& ec) {
        if (depth_ == 0) return no_object(ec);
        if (in_item()) item_.word(text);
        return ended_value(ec);
    }

    bool ended_string(ErrorCode& ec) {
        const bool cut = value_.cut();
        std::string value = value_.take();
        if (depth_ == 1 && cut && section_ == Section::list_token) return too_much(ec);
        if (depth_ == 1 && section_ == Section::list_token) page.list_token = std::move(value);
        if (depth_ == 1 && section_ == Section::response_type)
            page.response_type = std::move(value);
        if (in_item() && depth_ == 3 && item_name_ == "id") item_id_ = std::move(value);
        if (in_item() && depth_ == 3 && item_name_ == "created_time") item_time_ = std::move(value);
        if (in_removed()) {
            used_ += value.size() + item_overhead_bytes / 2;
            page.removed_ids.push_back(std::move(value));
        }
        return ended_value(ec);
    }
    bool ended_value(ErrorCode& ec) {
        if (section_ == Section::items && depth_ == 2) keep_item();
        return within_room(ec);
    }
    void keep_item() {
        item_name_.clear();
        ListItem item;
        item.id = std::exchange(item_id_, {});
        const auto created = parse_rfc3339(std::exchange(item_time_, {}));
        if (created) item.created = *created;
        item.text = item_.text(); // of its own size
        item_.clear();
        if (item.text == "null") return;
        used_ += item.cost();
        page.items.push_back(std::move(item));
    }
    bool within_room(ErrorCode& ec) { return used_ + item_.text().size() <= room_ || too_much(ec); }
    static Section section_of(std::string_view name) {
        if (name == "items") return Section::items;
        if (name == "removed_ids") return Section::removed_ids;
        if (name == "list_token") return Section::list_token;
        if (name == "response_type") return Section::response_type;
        return Section::other;
    }

    std::size_t room_;
    std::size_t used_ = 0;
    int depth_ = 0;
    Section section_ = Section::other;
    Captured key_;
    Captured value_;
    std::string name_;
    std::string item_name_;
    std::string item_id_;
    std::string item_time_;
    CompactWriter item_;
};

} // namespace

class PageReader::Parser : public JsonParser<PageHandler> {
    using JsonParser::JsonParser;
};

PageReader::PageReader(std::size_t room) : room_(room) {}
PageReader::~PageReader() = default;

void PageReader::begin() {
    parser_ = std::make_unique<Parser>(room_);
}

Status PageReader::feed(std::string_view piece) {
    return parser_->feed(piece);
}

Status PageReader::finish() {
    return parser_->finish();
}

Page PageReader::take() {
    return parser_ ? std::move(parser_->handler().page) : Page();
}

} // namespace agent::controller
