#include "keyring/keyring.hpp"

#include "base/log.hpp"
#include "keyring/kernel.hpp"
#include "keyring/memory.hpp"

#include <unistd.h>

namespace agent::keyring {

std::unique_ptr<Keyring> open_keyring() {
    auto kernel = std::make_unique<KernelKeyring>("agentd:login:");
    const auto usable = kernel->probe();
    if (usable) return kernel;
    log::warning("{}; logins are kept in memory and end with agentd", usable.error().message);
    return std::make_unique<MemoryKeyring>();
}

} // namespace agent::keyring
