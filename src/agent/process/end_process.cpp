#include "agent/process/end_process.hpp"

#include "base/log.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace agent::core {
namespace {

using namespace std::chrono_literals;
constexpr auto leaving_limit = 2s; // for one whose control socket has closed already

} // namespace

awaitable<Result<ProcessEnd>> end_process(std::shared_ptr<ProxyHandle> handle, Reason reason,
                                          bool cancel_session) {
    ProcessEnd end;
    auto stopped = co_await handle->stop(reason, cancel_session);
    if (stopped) {
        end.last_words = std::move(stopped->proxy);
        end.session_canceled = stopped->session_canceled;
        co_return end;
    }
    // An agentd that ends has its calls cut short, and its proxies live on.
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    const bool silent = stopped.error().code == Errc::timed_out;
    const auto killed = co_await handle->kill(silent ? 0s : leaving_limit);
    if (!killed) co_return killed.error();
    end.killed = *killed;
    if (end.killed) log::warning("an agent-proxy was killed: {}", stopped.error().message);
    co_return end;
}

} // namespace agent::core
