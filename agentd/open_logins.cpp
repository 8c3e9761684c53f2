#include "agentd/open_logins.hpp"

#include "base/log.hpp"
#include "keyring/immediate.hpp"
#include "keyring/kernel.hpp"
#include "keyring/memory.hpp"

namespace agentd {

using namespace agent::keyring;

std::unique_ptr<Logins> open_logins(boost::asio::any_io_executor executor) {
    std::vector<std::unique_ptr<Keyring>> order, extra;
    KernelKeyring kernel("agentd:login:");
    const auto usable = kernel.probe();
    if (usable)
        order.push_back(std::make_unique<Immediate<KernelKeyring>>(std::move(kernel)));
    else
        agent::log::warning("{}; logins are kept in memory and end with agentd", usable.error().message);
    order.push_back(std::make_unique<Immediate<MemoryKeyring>>(MemoryKeyring()));
    return std::make_unique<Logins>(executor, std::move(order), std::move(extra));
}

} // namespace agentd
