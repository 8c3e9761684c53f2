#include "agentctl/output/format.hpp"

#include <cstdio>

namespace agentctl {

void print_out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout); // main() looks at ferror() at the end
}

void print_error(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
}

} // namespace agentctl
