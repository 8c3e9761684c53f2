#include "agentd/launcher/systemd_launcher.hpp"

#include "agentd/launcher/control_handle.hpp"
#include "agentd/launcher/unit_starter.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace agentd {

using agent::awaitable;
using agent::Result;
using namespace agent::core;
using namespace std::chrono_literals;

namespace {

constexpr auto start_limit = 10s;

/// Started by a manager itself, not from some terminal that is one of its services.
bool started_as_service() {
    const char* pid = std::getenv("SYSTEMD_EXEC_PID");
    return pid != nullptr && std::string_view(pid) == std::to_string(::getpid());
}

} // namespace

SystemdLauncher::SystemdLauncher(boost::asio::any_io_executor executor, std::string proxies_folder,
                                 DetachedLauncher& fallback)
    : executor_(executor), proxies_folder_(std::move(proxies_folder)), fallback_(fallback),
      usable_(started_as_service()) {}

awaitable<Result<std::unique_ptr<ProxyHandle>>> SystemdLauncher::launch() {
    if (usable_) {
        const std::string id = agent::random_base62(12);
        const auto started =
            co_await start_unit(executor_, "agent-proxy@" + id + ".service", start_limit);
        if (started) {
            const std::string path = proxies_folder_ + "/" + id + ".sock";
            std::unique_ptr<ProxyHandle> handle =
                std::make_unique<ControlHandle>(executor_, path, HeldProcess::listening_at(path));
            co_return handle;
        }
        agent::log::warning("agent-proxies are started without systemd from now on: {}",
                            started.error().message);
        usable_ = false;
    }
    co_return co_await fallback_.launch();
}

awaitable<std::vector<AdoptedProxy>> SystemdLauncher::adopt() {
    return fallback_.adopt();
}

} // namespace agentd
