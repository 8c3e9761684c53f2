#pragma once
// What a verb has to say when it is done, as a value: to people and to scripts. Nobody here knows
// which of them asks; printer.hpp does.

#include "agentctl/output/format.hpp"
#include "base/error.hpp"

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace agentctl {

struct Resource;

/// A text, or how it is made when somebody wants it: a long list is laid out for people or for
/// scripts, not for both.
class Text {
  public:
    Text() = default;
    Text(std::string text) : text_(std::move(text)) {}
    Text(const char* text) : text_(text) {}
    template <std::invocable Make> Text(Make make) : make_(std::move(make)) {}
    std::string get() const { return make_ ? make_() : text_; }

  private:
    std::string text_;
    std::function<std::string()> make_;
};

class Answer {
  public:
    /// Nothing.
    Answer() = default;
    /// Each with the line break at its end.
    Answer(Text table, Text json) : json_(std::move(json)) { then(std::move(table)); }

    /// Goes on, for people.
    Answer& then(Text text) {
        table_.push_back({std::move(text), false});
        return *this;
    }
    /// Beside the answer, for people: on standard error.
    Answer& aside(Text text) {
        table_.push_back({std::move(text), true});
        return *this;
    }

    /// What goes to standard output.
    std::string as(Format format) const;
    void print(Format format) const;

  private:
    struct Part {
        Text text;
        bool aside = false;
    };
    std::vector<Part> table_;
    Text json_;
};

/// What was being done, in the two wordings that scripts know.
struct Attempt {
    std::string performing; ///< "list on targets": after "Error from controller when performing"
    std::string trying;     ///< "list targets": after "Error trying to"
    const Resource* resource = nullptr; ///< whose flags the fields of an error are
};

struct Failure {
    agent::Error error;
    std::optional<Attempt> attempt; ///< none: bad usage, told as it is
    bool plain = false;             ///< as text, also where JSON was asked for
};

/// The exit code alone: everything has been said while it went on.
using Outcome = std::variant<Answer, Failure, int>;

} // namespace agentctl
