#include "agentd/open_logins.hpp"

#include "base/log.hpp"
#include "config/xdg.hpp"
#include "keyring/file.hpp"
#include "keyring/immediate.hpp"
#include "keyring/kernel.hpp"
#include "keyring/memory.hpp"
#include "keyring/secret_service.hpp"
#include "keyring/whose.hpp"

#include <cstdlib>
#include <fstream>

namespace agentd {

using namespace agent::keyring;

namespace {

// AGENTD_UNLOCK_SECONDS: how long a person may take to unlock the keyring.
SecretService::Limits limits() {
    SecretService::Limits limits;
    const char* text = std::getenv("AGENTD_UNLOCK_SECONDS");
    if (text == nullptr) return limits;
    char* end = nullptr;
    const long seconds = std::strtol(text, &end, 10);
    if (*end == '\0' && seconds >= 1 && seconds <= 3600)
        limits.unlock = std::chrono::seconds(seconds);
    else
        agent::log::warning("AGENTD_UNLOCK_SECONDS is not a number from 1 to 3600");
    return limits;
}

// `agentctl keyring move` is a choice that outlives agentd: one word in a file.
void remember_choice(Logins& logins, const std::string& folder) {
    const std::string path = folder + "/keyring";
    std::string chosen;
    std::ifstream(path) >> chosen;
    logins.prefer(chosen, [path](const std::string& name) {
        std::ofstream out(path, std::ios::trunc);
        out << name << '\n';
        out.close();
        if (!out)
            agent::log::warning("{} cannot be written: the choice of keyring ends with agentd",
                                path);
    });
}

} // namespace

std::unique_ptr<Logins> open_logins(boost::asio::any_io_executor executor) {
    std::vector<std::unique_ptr<Keyring>> order, extra;
    const auto folder = agent::config::state_directory();
    const std::string mark = mark_of_agent(folder ? *folder : std::string());
    auto service = std::make_unique<SecretService>(executor, limits(), service_schema(mark));
    SecretService* const secret_service = service.get();
    order.push_back(std::move(service));
    KernelKeyring kernel(kernel_prefix(mark));
    const auto usable = kernel.probe();
    if (usable)
        order.push_back(std::make_unique<Immediate<KernelKeyring>>(std::move(kernel)));
    else
        agent::log::warning("{}; without a Secret Service, logins end with agentd",
                            usable.error().message);
    order.push_back(std::make_unique<Immediate<MemoryKeyring>>(MemoryKeyring()));
    if (folder)
        extra.push_back(
            std::make_unique<Immediate<FileKeyring>>(FileKeyring(*folder + "/logins.sealed")));
    auto logins = std::make_unique<Logins>(executor, std::move(order), std::move(extra));
    logins->set_secret_service(secret_service);
    if (folder) remember_choice(*logins, *folder);
    return logins;
}

} // namespace agentd
