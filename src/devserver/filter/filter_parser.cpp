// Recursive descent over go-bexpr's grammar: or < and < not < comparison. Words are read where they
// are expected, so a field may be called "in" or "is" inside a selector.
#include "devserver/filter/filter.hpp"
#include "devserver/filter/filter_node.hpp"

#include <fmt/format.h>

#include <cctype>

namespace devserver {

namespace {

constexpr std::size_t max_filter_bytes = 4096;
constexpr int max_depth = 64;

using Kind = FilterNode::Kind;
using NodePtr = std::shared_ptr<FilterNode>;

/// One selector or value as written: `quoted` may be a JSON pointer, a bare word may be a dotted
/// selector.
struct Operand {
    std::string text;
    bool quoted = false;
    std::size_t at = 0;
};

bool is_word_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
           c == '+' || c == '/' || c == ':';
}

class FilterParser {
  public:
    explicit FilterParser(std::string_view text) : text_(text) {}

    agent::Result<NodePtr> parse() {
        NodePtr root;
        if (text_.size() > max_filter_bytes)
            refuse("longer than 4096 bytes");
        else
            root = any_of(0);
        skip_space();
        if (good() && at_ < text_.size()) refuse("expected the end, \"and\" or \"or\"");
        if (!good()) return agent::fail(agent::Errc::invalid_argument, agent::Hop::local, problem_);
        return root;
    }

  private:
    bool good() const { return problem_.empty(); }
    void refuse(std::string_view why) {
        if (good()) problem_ = fmt::format("filter, position {}: {}", at_, why);
    }
    void skip_space() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
    }
    bool take(std::string_view sign) {
        skip_space();
        if (text_.substr(at_, sign.size()) != sign) return false;
        at_ += sign.size();
        return true;
    }
    bool take_word(std::string_view word) {
        skip_space();
        if (text_.substr(at_, word.size()) != word) return false;
        const auto after = at_ + word.size();
        if (after < text_.size() && is_word_char(text_[after])) return false;
        at_ = after;
        return true;
    }

    NodePtr any_of(int depth) { return joined(depth, "or", Kind::any_of, &FilterParser::all_of); }
    NodePtr all_of(int depth) {
        return joined(depth, "and", Kind::all_of, &FilterParser::negation);
    }

    NodePtr joined(int depth, std::string_view word, Kind kind,
                   NodePtr (FilterParser::*part)(int)) {
        auto first = (this->*part)(depth);
        NodePtr node;
        while (good() && take_word(word)) {
            if (!node) {
                node = std::make_shared<FilterNode>();
                node->kind = kind;
                node->parts.push_back(first);
            }
            node->parts.push_back((this->*part)(depth));
        }
        return node ? node : first;
    }

    NodePtr negation(int depth) {
        if (depth > max_depth) {
            refuse("too deeply nested");
            return nullptr;
        }
        if (take_word("not")) {
            auto node = std::make_shared<FilterNode>();
            node->kind = Kind::negation;
            node->parts.push_back(negation(depth + 1));
            return node;
        }
        if (!take("(")) return comparison();
        auto inside = any_of(depth + 1);
        if (good() && !take(")")) refuse("missing )");
        return inside;
    }

    NodePtr comparison() {
        auto node = std::make_shared<FilterNode>();
        const Operand left = operand("a selector, a value, \"not\" or (");
        if (!good()) return node;
        if (take("==") || take("!=")) {
            node->kind = Kind::equals;
            node->negated = text_[at_ - 2] == '!';
        } else if (take_word("is")) {
            node->kind = Kind::is_empty;
            node->negated = take_word("not");
            if (!take_word("empty")) refuse("expected \"empty\"");
            set_path(*node, left);
            return node;
        } else {
            node->negated = take_word("not");
            if (take_word("in")) return finish_in(std::move(node), left);
            if (take_word("contains"))
                node->kind = Kind::contains;
            else if (take_word("matches"))
                node->kind = Kind::matches;
            else
                refuse("expected ==, !=, in, contains, matches or \"is empty\"");
        }
        set_path(*node, left);
        if (good()) node->value = operand("a value").text;
        if (good() && node->kind == Kind::matches) compile(*node);
        return node;
    }

    /// `VALUE in SELECTOR` is `SELECTOR contains VALUE`.
    NodePtr finish_in(NodePtr node, const Operand& value) {
        node->kind = Kind::contains;
        node->value = value.text;
        const Operand selector = operand("a selector");
        if (good()) set_path(*node, selector);
        return node;
    }

    void compile(FilterNode& node) {
        auto pattern = Pattern::compile(node.value);
        if (pattern)
            node.pattern = std::move(*pattern);
        else
            refuse(pattern.error().message);
    }

    Operand operand(std::string_view expected) {
        skip_space();
        Operand operand{.at = at_};
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '`')) {
            operand.quoted = true;
            operand.text = quoted(text_[at_]);
            return operand;
        }
        while (at_ < text_.size() && is_word_char(text_[at_])) operand.text += text_[at_++];
        if (operand.text.empty()) refuse(fmt::format("expected {}", expected));
        return operand;
    }

    std::string quoted(char mark) {
        std::string out;
        const auto start = at_++;
        while (at_ < text_.size() && text_[at_] != mark) {
            char c = text_[at_++];
            if (mark == '"' && c == '\\' && at_ < text_.size()) {
                c = text_[at_++];
                if (c == 'n')
                    c = '\n';
                else if (c == 't')
                    c = '\t';
                else if (c != '"' && c != '\\')
                    out += '\\'; // left to the regular expression
            }
            out += c;
        }
        if (at_ < text_.size()) {
            ++at_;
        } else {
            at_ = start;
            refuse("this quotation does not end");
        }
        return out;
    }

    void set_path(FilterNode& node, const Operand& selector) {
        if (!good()) return;
        const bool pointer = selector.quoted;
        const char mark = pointer ? '/' : '.';
        std::string_view rest = selector.text;
        if (pointer) {
            if (rest.empty() || rest.front() != '/')
                return refuse_at(selector.at, "a quoted selector begins with /");
            rest.remove_prefix(1);
        }
        for (;;) {
            const auto end = rest.find(mark);
            const auto part = rest.substr(0, end);
            if (part.empty()) return refuse_at(selector.at, "a selector with an empty part");
            node.path.push_back(pointer ? unescaped(part) : std::string(part));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
    }

    void refuse_at(std::size_t where, std::string_view why) {
        at_ = where;
        refuse(why);
    }

    /// JSON pointer's ~0 and ~1 (RFC 6901).
    static std::string unescaped(std::string_view part) {
        std::string out;
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1'))
                out += part[++i] == '0' ? '~' : '/';
            else
                out += part[i];
        }
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string problem_;
};

} // namespace

agent::Result<Filter> parse_filter(std::string_view text) {
    auto root = FilterParser(text).parse();
    if (!root) return root.error();
    return Filter(*root);
}

} // namespace devserver
