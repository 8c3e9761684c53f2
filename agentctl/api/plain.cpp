#include "agentctl/api/plain.hpp"

#include "agentctl/output/format.hpp"
#include "base/printable.hpp"

namespace agentctl {

int say(const Plain& plain) {
    print_error(agent::printable_lines(plain.text) + '\n');
    return plain.exit;
}

} // namespace agentctl
