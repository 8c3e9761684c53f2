// Thompson's construction: text → tree → steps, then all states are carried along the subject at once.
#include "devserver/filter/pattern.hpp"

#include <fmt/format.h>

#include <cctype>
#include <optional>

namespace devserver {

namespace {

constexpr std::size_t max_pattern_bytes = 512;
constexpr std::size_t max_steps = 4096; // visits of the compiler
constexpr std::size_t max_repeat = 100;
constexpr int max_depth = 32;
constexpr std::size_t unbounded = static_cast<std::size_t>(-1);
using Set = std::bitset<256>;

struct Node {
    enum class Kind : std::uint8_t { bytes, sequence, either, repeat, line_start, line_end } kind = Kind::sequence;
    Set set;
    std::vector<Node> parts;
    std::size_t least = 0;
    std::size_t most = 0;
};

Set single(char c) {
    Set set;
    set.set(static_cast<unsigned char>(c));
    return set;
}

Set range(unsigned char low, unsigned char high) {
    Set set;
    for (unsigned value = low; value <= high; ++value) set.set(value);
    return set;
}

class PatternReader {
  public:
    explicit PatternReader(std::string_view text) : text_(text) {}

    agent::Result<Node> read() {
        Node node = either(0);
        if (problem_.empty() && at_ < text_.size()) refuse("unexpected )");
        if (!problem_.empty()) return agent::fail(agent::Errc::invalid_argument, agent::Hop::local, problem_);
        return node;
    }

  private:
    bool more() const { return problem_.empty() && at_ < text_.size(); }
    void refuse(std::string_view why) {
        if (problem_.empty()) problem_ = fmt::format("regular expression, position {}: {}", at_, why);
    }

    Node either(int depth) {
        Node node{.kind = Node::Kind::either};
        node.parts.push_back(sequence(depth));
        while (more() && text_[at_] == '|') {
            ++at_;
            node.parts.push_back(sequence(depth));
        }
        return node;
    }

    Node sequence(int depth) {
        Node node{.kind = Node::Kind::sequence};
        while (more() && text_[at_] != '|' && text_[at_] != ')') {
            Node part = atom(depth);
            while (more() && std::string_view("*+?{").find(text_[at_]) != std::string_view::npos) {
                auto repeated = repeat(part);
                if (!repeated) break; // a brace that is no count stands for itself
                part = std::move(*repeated);
            }
            node.parts.push_back(std::move(part));
        }
        return node;
    }

    std::optional<Node> repeat(const Node& part) {
        Node node{.kind = Node::Kind::repeat};
        const char sign = text_[at_];
        if (sign == '{') {
            if (!count(node)) return std::nullopt;
        } else {
            ++at_;
            node.least = sign == '+' ? 1 : 0;
            node.most = sign == '?' ? 1 : unbounded;
        }
        if (more() && text_[at_] == '?') ++at_; // lazy: whether it matches is the same
        node.parts.push_back(part);
        return node;
    }

    bool count(Node& node) {
        const auto close = text_.find('}', at_);
        if (close == std::string_view::npos || close == at_ + 1) return false;
        const auto inside = text_.substr(at_ + 1, close - at_ - 1);
        std::size_t value = 0;
        bool comma = false;
        bool digits = false;
        for (const char c : inside) {
            if (c == ',' && !comma && digits) {
                comma = true;
                node.least = value;
                value = 0;
                digits = false;
            } else if (c >= '0' && c <= '9') {
                digits = true;
                value = value * 10 + static_cast<std::size_t>(c - '0');
                if (value > max_repeat) {
                    refuse("repeats more than 100 times");
                    return false;
                }
            } else {
                return false;
            }
        }
        if (!comma) node.least = value;
        node.most = comma && !digits ? unbounded : value;
        if (node.most < node.least) refuse("a count whose end is before its start");
        at_ = close + 1;
        return true;
    }

    Node atom(int depth) {
        const char c = text_[at_];
        Node node{.kind = Node::Kind::bytes};
        if (c == '(') return group(depth);
        if (c == '*' || c == '+' || c == '?') {
            refuse("nothing to repeat");
            return node;
        }
        ++at_;
        if (c == '^')
            node.kind = Node::Kind::line_start;
        else if (c == '$')
            node.kind = Node::Kind::line_end;
        else if (c == '.')
            node.set = ~single('\n');
        else if (c == '[')
            node.set = bracket();
        else if (c == '\\')
            node.set = escape();
        else
            node.set = single(c);
        return node;
    }

    Node group(int depth) {
        ++at_;
        if (depth + 1 > max_depth) {
            refuse("too deeply nested");
            return {};
        }
        if (text_.substr(at_, 2) == "?:")
            at_ += 2;
        else if (at_ < text_.size() && text_[at_] == '?')
            refuse("this kind of group is not supported");
        Node node = either(depth + 1);
        if (!more() || text_[at_] != ')')
            refuse("missing )");
        else
            ++at_;
        return node;
    }

    Set escape() {
        if (at_ >= text_.size()) {
            refuse("ends in a backslash");
            return {};
        }
        const char c = text_[at_++];
        const Set digits = range('0', '9');
        const Set words = digits | range('a', 'z') | range('A', 'Z') | single('_');
        const Set spaces = single(' ') | single('\t') | single('\n') | single('\r') | single('\f');
        switch (c) {
        case 'd':
            return digits;
        case 'D':
            return ~digits;
        case 'w':
            return words;
        case 'W':
            return ~words;
        case 's':
            return spaces;
        case 'S':
            return ~spaces;
        case 't':
            return single('\t');
        case 'n':
            return single('\n');
        case 'r':
            return single('\r');
        default:
            if (std::isalnum(static_cast<unsigned char>(c)) != 0) refuse("unknown escape");
            return single(c);
        }
    }

    Set bracket() {
        Set set;
        const bool negated = more() && text_[at_] == '^';
        if (negated) ++at_;
        for (bool first = true; more() && (text_[at_] != ']' || first); first = false) {
            char low = text_[at_++];
            if (low == '\\') {
                const Set escaped = escape();
                set |= escaped;
                continue;
            }
            if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
                const char high = text_[at_ + 1];
                at_ += 2;
                if (static_cast<unsigned char>(high) < static_cast<unsigned char>(low))
                    refuse("a range that runs backwards");
                else
                    set |= range(static_cast<unsigned char>(low), static_cast<unsigned char>(high));
                continue;
            }
            set |= single(low);
        }
        if (!more())
            refuse("missing ]");
        else
            ++at_;
        return negated ? ~set : set;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string problem_;
};

} // namespace

/// Turns the tree into steps; gives up above max_steps (nested counts multiply).
class PatternCompiler {
  public:
    explicit PatternCompiler(Pattern& pattern) : pattern_(pattern) {}

    bool put(const Node& node) {
        if (++visits_ > max_steps)
            return false; // also bounds the steps: a visit adds two at most, and repeats of nothing
        switch (node.kind) {
        case Node::Kind::bytes:
            pattern_.sets_.push_back(node.set);
            step(Pattern::Op::bytes, pattern_.sets_.size() - 1);
            return true;
        case Node::Kind::line_start:
            step(Pattern::Op::line_start);
            return true;
        case Node::Kind::line_end:
            step(Pattern::Op::line_end);
            return true;
        case Node::Kind::sequence:
            for (const auto& part : node.parts)
                if (!put(part)) return false;
            return true;
        case Node::Kind::either:
            return put_either(node);
        case Node::Kind::repeat:
            return put_repeat(node);
        }
        return false;
    }

    std::size_t step(Pattern::Op op, std::size_t first = 0, std::size_t second = 0) {
        pattern_.steps_.push_back({.op = op, .first = first, .second = second});
        return pattern_.steps_.size() - 1;
    }

  private:
    std::size_t next() const { return pattern_.steps_.size(); }

    bool put_either(const Node& node) {
        std::vector<std::size_t> ends;
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
            if (i + 1 == node.parts.size()) {
                if (!put(node.parts[i])) return false;
                break;
            }
            const auto split = step(Pattern::Op::split, next() + 1);
            if (!put(node.parts[i])) return false;
            ends.push_back(step(Pattern::Op::jump));
            pattern_.steps_[split].second = next();
        }
        for (const auto end : ends) pattern_.steps_[end].first = next();
        return true;
    }

    bool put_repeat(const Node& node) {
        const Node& part = node.parts.front();
        for (std::size_t i = 0; i < node.least; ++i)
            if (!put(part)) return false;
        if (node.most == unbounded) {
            const auto split = step(Pattern::Op::split, next() + 1);
            if (!put(part)) return false;
            step(Pattern::Op::jump, split);
            pattern_.steps_[split].second = next();
            return true;
        }
        std::vector<std::size_t> splits;
        for (std::size_t i = node.least; i < node.most; ++i) {
            splits.push_back(step(Pattern::Op::split, next() + 1));
            if (!put(part)) return false;
        }
        for (const auto split : splits) pattern_.steps_[split].second = next();
        return true;
    }

    Pattern& pattern_;
    std::size_t visits_ = 0;
};

agent::Result<Pattern> Pattern::compile(std::string_view text) {
    const auto refused = [](std::string_view why) {
        return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                           fmt::format("regular expression: {}", why));
    };
    if (text.size() > max_pattern_bytes) return refused("longer than 512 bytes");
    auto tree = PatternReader(text).read();
    if (!tree) return tree.error();
    Pattern pattern;
    PatternCompiler compiler(pattern);
    if (!compiler.put(*tree)) return refused("its repetitions multiply to too much");
    compiler.step(Op::match);
    return pattern;
}

void Pattern::follow(std::size_t step, std::size_t at, std::size_t length, std::vector<std::size_t>& states,
                     std::vector<bool>& seen) const {
    std::vector<std::size_t> open{step};
    while (!open.empty()) {
        const auto index = open.back();
        open.pop_back();
        if (seen[index]) continue;
        seen[index] = true;
        const Step& current = steps_[index];
        switch (current.op) {
        case Op::jump:
            open.push_back(current.first);
            break;
        case Op::split:
            open.push_back(current.second);
            open.push_back(current.first);
            break;
        case Op::line_start:
            if (at == 0) open.push_back(index + 1);
            break;
        case Op::line_end:
            if (at == length) open.push_back(index + 1);
            break;
        case Op::bytes:
        case Op::match:
            states.push_back(index);
            break;
        }
    }
}

bool Pattern::found_in(std::string_view subject) const {
    std::vector<std::size_t> now;
    std::vector<std::size_t> next;
    std::vector<bool> seen(steps_.size());
    for (std::size_t at = 0;; ++at) {
        follow(0, at, subject.size(), now, seen); // a match may begin here as well
        next.clear();
        seen.assign(steps_.size(), false);
        for (const auto state : now) {
            const Step& step = steps_[state];
            if (step.op == Op::match) return true;
            if (at < subject.size() && sets_[step.first].test(static_cast<unsigned char>(subject[at])))
                follow(state + 1, at + 1, subject.size(), next, seen);
        }
        if (at == subject.size()) return false;
        now.swap(next);
    }
}

} // namespace devserver
