#pragma once
// FaultStage: a Proxy, the dev server's worker with its faults, and a target, all on one
// io_context; what a local client gets through them is exactly what a user would.

#include "async/task_group.hpp"
#include "devserver/worker/worker.hpp"
#include "proxy/proxy.hpp"
#include "unit/devserver_worker/memory_authority.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace agent::test {

using boost::asio::ip::tcp;

/// So many bytes, the same each time.
std::string pattern(std::size_t size);
awaitable<void> send(tcp::socket& socket, std::string bytes);
/// How a stream ended for its reader.
struct Received {
    std::string bytes;
    boost::system::error_code end; ///< eof, or connection_reset
    bool complete() const { return end == boost::asio::error::eof; }
};
awaitable<Received> read_to_end(tcp::socket& socket);
awaitable<std::string> read_exactly(tcp::socket& socket, std::size_t count);
/// A check of it that fails shows `text`.
bool contains(const std::string& text, const std::string& part);

/// What a target does with a connection.
using Target = std::function<awaitable<void>(tcp::socket)>;
Target echo();
/// Reads one line, answers "answer to LINE" and closes.
Target answer_one();
/// Speaks first, closes when everything has been taken.
Target greet(std::string greeting);
/// Speaks first and then echoes.
Target greet_and_echo(std::string greeting);
/// Reads nothing for `pause`, then everything; answers with what it got when the client says "\n",
/// and closes.
Target late_reader(std::chrono::milliseconds pause);

class FaultStage {
  public:
    FaultStage(boost::asio::io_context& context, Target target, devserver::WorkerFaults faults = {},
               proxy::ProxyOptions options = {});

    awaitable<tcp::socket> client();
    /// Connects, sends "LINE\n", half-closes and reads to the end.
    awaitable<Received> ask(std::string line);
    /// Polls until `condition` holds; false after 20 s.
    awaitable<bool> eventually(std::function<bool()> condition);
    /// The proxy, the worker and the target, in this order.
    awaitable<void> end(bool cancel = false);

    std::string worker_address() const;
    devserver::test::MemoryAuthority::Session& session() {
        return authority.sessions.at("s_1234567890");
    }

    devserver::test::MemoryAuthority authority;
    devserver::Worker worker;
    std::unique_ptr<proxy::Proxy> subject;
    std::vector<std::string> failures; ///< as users read them

  private:
    awaitable<void> accept(Target target);

    tcp::acceptor acceptor_;
    async::TaskGroup targets_;
};

/// Asks `count` questions one after the other; counts the right answers of answer_one().
awaitable<void> ask_and_count(FaultStage& stage, int first, int count, int& right);

} // namespace agent::test
