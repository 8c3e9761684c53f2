#include "agentctl/output/answer.hpp"

namespace agentctl {

std::string Answer::as(Format format) const {
    if (format == Format::json) return json_.get();
    std::string out;
    for (const Part& part : table_)
        if (!part.aside) out += part.text.get();
    return out;
}

void Answer::print(Format format) const {
    if (format == Format::json) return print_out(json_.get());
    for (const Part& part : table_) (part.aside ? print_error : print_out)(part.text.get());
}

} // namespace agentctl
