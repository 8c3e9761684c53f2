#include "agentd/proxy_ties.hpp"

#include "base/log.hpp"
#include "base/spawn.hpp"
#include "ipc/dbus/no_progress.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace agentd {

using agent::Errc;
using agent::Hop;
using boost::asio::awaitable;

agent::Result<agent::UniqueFd> ProxyTies::hold(std::int64_t pid) {
    if (pid <= 1 || pid > std::numeric_limits<pid_t>::max())
        return agent::fail(Errc::invalid_argument, Hop::local,
                           "ends_with_pid is no process of yours: " + std::to_string(pid));
    auto process = agent::open_process(static_cast<pid_t>(pid));
    if (!process) return process.error();
    if (::syscall(SYS_pidfd_send_signal, process->get(), 0, nullptr, 0) != 0)
        return agent::fail_errno(errno == EPERM ? Errc::permission_denied : Errc::invalid_argument,
                                 Hop::local, "the process of pid " + std::to_string(pid), errno);
    return process;
}

void ProxyTies::tie(agent::UniqueFd process, std::int64_t pid, const ipc::Proxy& proxy) {
    Tie tie{pid, proxy.name, proxy.session_id};
    if (!ties_.insert(tie).second) return;
    agent::log::info("proxy={} is tied to pid={}", tie.name, tie.pid);
    tasks_.spawn(follow(std::move(process), std::move(tie)), "tie of a proxy");
}

awaitable<void> ProxyTies::follow(agent::UniqueFd process, Tie tie) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::posix::stream_descriptor ended(executor, process.release());
    const auto [ec] = co_await ended.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                                agent::async::token);
    if (ec) co_return; // agentd ends: whoever follows the proxy ties it to the next one
    ties_.erase(tie);
    co_await end(std::move(tie));
}

awaitable<void> ProxyTies::end(Tie tie) {
    ipc::dbus::NoProgress<ipc::ListProxies> nobody_asks;
    ipc::ListProxies::Request list;
    const auto listed = co_await commands_.handle(std::move(list), nobody_asks);
    const bool there = listed && std::ranges::any_of(listed->proxies, [&](const ipc::Proxy& proxy) {
                           return proxy.name == tie.name && proxy.session_id == tie.session_id;
                       });
    if (!there) co_return;
    agent::log::info("proxy={} ends with pid={}", tie.name, tie.pid);
    ipc::dbus::NoProgress<ipc::Disconnect> nobody;
    ipc::Disconnect::Request request;
    request.name = tie.name;
    const auto done = co_await commands_.handle(std::move(request), nobody);
    if (!done) agent::log::warning("proxy={} did not end: {}", tie.name, done.error().message);
}

} // namespace agentd
