#include "keyring/secret_output.hpp"

#include "async/with_timeout.hpp"
#include "base/spawn.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include <sys/wait.h>

#include <array>
#include <csignal>

namespace agent::keyring {
namespace {

constexpr std::size_t max_output_bytes = 64 * 1024;

/// A child that is gone, whatever happens, when this is.
struct Child {
    pid_t pid = -1;
    ~Child() {
        if (pid < 0) return;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
};

using Descriptor = boost::asio::posix::stream_descriptor;

awaitable<std::string> read_to_end(Descriptor& out) {
    std::string text;
    text.reserve(max_output_bytes); // so that no grown-out-of copy stays in memory
    std::array<char, 4096> buffer;
    while (text.size() + buffer.size() <= max_output_bytes) {
        const auto target = boost::asio::buffer(buffer);
        const auto [ec, n] = co_await out.async_read_some(target, async::token);
        if (n > 0) text.append(buffer.data(), n);
        if (ec) break;
    }
    ::explicit_bzero(buffer.data(), buffer.size());
    co_return text;
}

awaitable<int> wait_for_end(Descriptor& process, Child& child) {
    co_await process.async_wait(Descriptor::wait_read, async::token);
    int status = -1;
    if (::waitpid(child.pid, &status, WNOHANG) == child.pid) child.pid = -1;
    co_return status;
}

} // namespace

awaitable<Result<Secret>> secret_output(std::vector<std::string> command,
                                        std::chrono::milliseconds limit) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const std::string name = command.front();
    const auto failed = [&](const std::string& what) {
        return fail(Errc::keyring_failed, Hop::login, name + ": " + what, "log in: agentctl login");
    };
    auto pipe = make_pipe();
    if (!pipe) co_return failed(pipe.error().message);
    Command start;
    start.words = std::move(command);
    start.out = pipe->write.get();
    const auto pid = spawn(start);
    if (!pid) co_return fail(Errc::keyring_failed, Hop::login, pid.error().message);
    Child child{*pid};
    pipe->write.reset();
    auto handle = open_process(*pid);
    if (!handle) co_return failed(handle.error().message);
    Descriptor out(executor, pipe->read.release()), process(executor, handle->release());

    const auto deadline = std::chrono::steady_clock::now() + limit;
    auto text = co_await async::with_timeout(read_to_end(out), limit);
    if (!text) co_return failed("did not end in " + std::to_string(limit.count() / 1000) + " s");
    Secret secret(std::move(*text));
    const auto status = co_await async::with_timeout(wait_for_end(process, child),
                                                     deadline - std::chrono::steady_clock::now());
    if (!status) co_return failed("did not end in " + std::to_string(limit.count() / 1000) + " s");
    if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0)
        co_return failed(
            "failed; does it work in a terminal? gpg may need to ask for a passphrase");
    co_return secret;
}

} // namespace agent::keyring
