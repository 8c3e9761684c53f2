#include "agent/process/launching.hpp"

#include "agent/process/end_process.hpp"
#include "async/event.hpp"
#include "base/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>

namespace agent::core {
namespace {

awaitable<void> stop_unused(std::shared_ptr<ProxyHandle> handle) {
    const Reason why(ReasonCode::stopped, "there is no session for it");
    const auto end = co_await end_process(std::move(handle), why, false);
    if (!end) log::warning("unused agent-proxy: {}", end.error().message);
}

} // namespace

/// Shared by who waits and the coroutine that launches; either may go first.
struct Launching::Start {
    explicit Start(boost::asio::any_io_executor executor) : over(executor) {}
    std::optional<Result<std::shared_ptr<ProxyHandle>>> outcome;
    bool running = true;
    bool wanted = true;
    async::Event over;
};

/// Whatever ends the coroutine, nobody waits for it any longer.
struct Launching::Running {
    explicit Running(std::shared_ptr<Start> start) : start_(std::move(start)) {}
    Running(const Running&) = delete;
    ~Running() {
        start_->running = false;
        start_->over.notify_all();
    }
    std::shared_ptr<Start> start_;
};

Launching::Launching(ProxyLauncher& launcher, async::TaskGroup& tasks,
                     boost::asio::any_io_executor executor)
    : tasks_(tasks), start_(std::make_shared<Start>(executor)) {
    auto running = std::make_unique<Running>(start_);
    tasks_.spawn(run(launcher, start_, std::move(running)), "launch");
}

Launching::~Launching() {
    start_->wanted = false;
    if (start_->outcome && *start_->outcome)
        tasks_.spawn(stop_unused(std::move(**start_->outcome)), "stop unused");
}

awaitable<void> Launching::run(ProxyLauncher& launcher, std::shared_ptr<Start> start,
                               std::unique_ptr<Running> running) {
    // What the caller does next goes first, on its way to the controller: starting a process stops
    // us for a moment.
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    auto launched = co_await launcher.launch();
    std::shared_ptr<ProxyHandle> handle;
    if (launched) handle = std::move(*launched);
    if (start->wanted && handle) start->outcome = std::move(handle);
    if (start->wanted && !launched) start->outcome = launched.error();
    running.reset();
    if (handle) co_await stop_unused(std::move(handle));
}

awaitable<Result<std::shared_ptr<ProxyHandle>>> Launching::take() {
    while (start_->running) co_await start_->over.wait();
    if (!start_->outcome)
        co_return fail(Errc::proxy_failed, Hop::agent, "the start of an agent-proxy was cut short");
    auto outcome = std::move(*start_->outcome);
    start_->outcome.reset();
    co_return outcome;
}

} // namespace agent::core
