#include "agentd/commands/byte_counts.hpp"

#include "async/task_group.hpp"
#include "async/with_timeout.hpp"
#include "ipc/messages/describe.hpp"
#include "ipc/socket/client.hpp"

#include <algorithm>
#include <filesystem>

namespace agentd {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {

constexpr auto answer_limit = 1s;

awaitable<void> ask(std::string socket, std::vector<ipc::Proxy>& proxies) {
    auto client = ipc::Client::connect(co_await boost::asio::this_coro::executor, socket);
    if (!client) co_return; // just gone
    const auto told = co_await (*client)->call<ipc::Describe>(ipc::Describe::Request(), answer_limit);
    if (!told || !told->proxy) co_return;
    const auto same = [&](const ipc::Proxy& one) { return one.pid == told->proxy->pid; };
    const auto proxy = std::ranges::find_if(proxies, same);
    if (proxy == proxies.end()) co_return;
    proxy->bytes_up = std::max(proxy->bytes_up, told->proxy->bytes_up);
    proxy->bytes_down = std::max(proxy->bytes_down, told->proxy->bytes_down);
}

} // namespace

awaitable<void> read_byte_counts(std::string folder, std::vector<ipc::Proxy>& proxies) {
    const auto busy = [](const ipc::Proxy& proxy) { return proxy.connections_open > 0; };
    if (std::ranges::none_of(proxies, busy)) co_return;
    agent::async::TaskGroup questions(co_await boost::asio::this_coro::executor);
    std::error_code unreadable;
    for (const auto& file : std::filesystem::directory_iterator(folder, unreadable))
        if (file.path().extension() == ".sock") questions.spawn(ask(file.path(), proxies), "byte counts");
    co_await questions.drain(); // each has its limit
    co_await questions.stop();
}

} // namespace agentd
