#include "keyring/run_program.hpp"

#include "async/with_timeout.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>

namespace agent::keyring {
namespace {

constexpr std::size_t max_bytes = 64 * 1024;

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
    text.reserve(max_bytes); // so that no grown-out-of copy stays in memory
    std::array<char, 4096> buffer;
    while (text.size() + buffer.size() <= max_bytes) {
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

awaitable<Result<Secret>> run_program(std::vector<std::string> command,
                                      std::chrono::milliseconds limit) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const std::string name = command.front();
    const auto failed = [&](const std::string& what) {
        return fail(Errc::keyring_failed, Hop::login, name + ": " + what, "log in: agentctl login");
    };
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        co_return fail_errno(Errc::keyring_failed, Hop::login, name + ": no pipe", errno);
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    std::vector<char*> words;
    for (auto& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3); // Asio's sockets do not close on exec
    Child child;
    const int refused =
        ::posix_spawnp(&child.pid, words[0], &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (refused != 0) {
        child.pid = -1;
        co_return fail_start(Errc::keyring_failed, Hop::login, "run " + name, refused);
    }
    write_end.reset();
    UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    if (!handle)
        co_return fail_errno(Errc::keyring_failed, Hop::login, name + ": cannot be waited for",
                             errno);
    Descriptor out(executor, read_end.release()), process(executor, handle.release());

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
