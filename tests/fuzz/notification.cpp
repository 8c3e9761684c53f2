// What the supervised program says to agent-supervisor. The kernel vouches for the sender, not for
// the words; what was understood must be so again when it is written down.
#include "agentd/supervisor/notification.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string written(const supervisor::Notification& said) {
    std::string text;
    if (said.ready) text += "READY=1\n";
    if (said.stopping) text += "STOPPING=1\n";
    if (said.watchdog) text += "WATCHDOG=1\n";
    if (said.store) text += "FDSTORE=1\n";
    if (said.forget) text += "FDSTOREREMOVE=1\n";
    if (said.name) text += "FDNAME=" + *said.name;
    return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto said = supervisor::parse_notification(
        std::string_view(reinterpret_cast<const char*>(bytes), size));
    if (said.name && said.name->find_first_of(":\n ") != std::string::npos)
        std::abort(); // LISTEN_FDNAMES would break
    if (said.name && (said.name->empty() || said.name->size() > 255)) std::abort();
    if (!(supervisor::parse_notification(written(said)) == said)) std::abort();
    return 0;
}
