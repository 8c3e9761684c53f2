#include "agentd/commands/byte_counts.hpp"

#include "async/with_timeout.hpp"
#include "ipc/messages/describe.hpp"
#include "ipc/socket/client.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include <filesystem>
#include <vector>

namespace agentd {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {

constexpr auto count_limit = 1s;
using Counts = std::map<std::int64_t, ByteCounts>;

awaitable<void> ask(std::string socket, Counts& counts) {
    auto client = ipc::Client::connect(co_await boost::asio::this_coro::executor, socket);
    if (!client) co_return; // just gone
    const auto told =
        co_await (*client)->call<ipc::Describe>(ipc::Describe::Request(), count_limit);
    if (!told || !told->proxy) co_return;
    ByteCounts& one = counts[told->proxy->pid];
    one.up = told->proxy->bytes_up;
    one.down = told->proxy->bytes_down;
}

/// Those from `first` on, at the same time. Not a TaskGroup: its stop() would end the caller's own
/// being cancelled.
awaitable<void> ask_all(const std::vector<std::string>& sockets, std::size_t first,
                        Counts& counts) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (first == sockets.size()) co_return;
    co_await (ask(sockets[first], counts) && ask_all(sockets, first + 1, counts));
}

} // namespace

awaitable<Counts> read_byte_counts(std::string folder) {
    std::vector<std::string> sockets;
    std::error_code unreadable;
    for (const auto& file : std::filesystem::directory_iterator(folder, unreadable))
        if (file.path().extension() == ".sock") sockets.push_back(file.path());
    Counts counts;
    try {
        co_await ask_all(sockets, 0, counts);
    } catch (const boost::asio::multiple_exceptions&) { // cancelled in mid-wait
    }
    co_return counts;
}

} // namespace agentd
