#pragma once
// Prints what verbs say, in the format that was asked for. main() has the only one; verbs that stay
// (connect, attach, watch) say things through it while they go on.

#include "agentctl/output/answer.hpp"

namespace agentctl {

class Printer {
  public:
    void set_format(Format format) { format_ = format; }
    bool for_scripts() const { return format_ == Format::json; }

    void say(const Answer& answer) const { answer.print(format_); }
    /// To standard error; returns the exit code.
    int report(const Failure& failure) const;
    /// What is left to print; returns the exit code.
    int finish(const Outcome& outcome) const;

  private:
    Format format_ = Format::table;
};

} // namespace agentctl
