#include "agentctl/output/printer.hpp"

#include "agentctl/output/error.hpp"

namespace agentctl {

int Printer::report(const Failure& failure) const {
    print_error(error_text(failure, format_));
    return agent::exit_code(failure.error);
}

int Printer::finish(const Outcome& outcome) const {
    if (const auto* failure = std::get_if<Failure>(&outcome)) return report(*failure);
    if (const auto* code = std::get_if<int>(&outcome)) return *code;
    say(std::get<Answer>(outcome));
    return 0;
}

} // namespace agentctl
