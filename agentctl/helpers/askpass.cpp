#include "agentctl/helpers/askpass.hpp"

#include "agentctl/output/format.hpp"
#include "base/command_line.hpp"

#include <string_view>

namespace agentctl::helpers {

std::optional<int> answer_as_askpass(int argc, char** argv) {
    const auto answer = agent::take_from_environment(askpass_variable);
    if (!answer) return std::nullopt;
    // A second question means that the first answer was wrong, and ssh-add asks until it gets an
    // empty one.
    if (argc > 1 && std::string_view(argv[1]).starts_with("Bad")) return 1;
    print_out(answer->reveal());
    print_out("\n");
    return 0;
}

} // namespace agentctl::helpers
