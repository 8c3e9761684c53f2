#include "agentd/launcher/detached_launcher.hpp"

#include "agentd/launcher/control_handle.hpp"
#include "async/with_timeout.hpp"
#include "base/find_program.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/spawn.hpp"
#include "base/unix_socket.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

namespace agentd {

using agent::awaitable;
using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using namespace agent::core;
using namespace std::chrono_literals;
using local_socket = boost::asio::local::stream_protocol::socket;

namespace {

constexpr auto ready_limit = 10s;
constexpr auto reaped_limit = 2s; // between the end of a child's streams and its SIGCHLD

struct ReadyStream {
    local_socket ours;
    agent::UniqueFd theirs;
};

Result<ReadyStream> make_ready_stream(boost::asio::any_io_executor executor) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return agent::fail_errno(Errc::proxy_failed, Hop::local, "socketpair", errno);
    ReadyStream stream{local_socket(executor, boost::asio::local::stream_protocol(), ends[0]),
                       agent::UniqueFd(ends[1])};
    return stream;
}

/// false: the child has gone before it was ready.
awaitable<bool> wait_ready(local_socket& stream) {
    char byte = 0;
    const auto [ec, count] =
        co_await stream.async_read_some(boost::asio::buffer(&byte, 1), agent::async::token);
    co_return !ec && count == 1;
}

std::string describe_end(int status) {
    if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

} // namespace

DetachedLauncher::DetachedLauncher(boost::asio::any_io_executor executor,
                                   std::string proxies_folder, std::string log_path)
    : executor_(executor), proxies_folder_(std::move(proxies_folder)),
      log_path_(std::move(log_path)), child_signal_(executor, SIGCHLD), reaped_(executor),
      tasks_(executor) {
    tasks_.spawn_lasting([this] { return reap(); }, "reap");
}

// Only our own children are waited for, by their pids: nobody else's exit status is taken away.
awaitable<void> DetachedLauncher::reap() {
    for (;;) {
        const auto [ec, number] = co_await child_signal_.async_wait(agent::async::token);
        if (ec) co_return;
        for (auto one = running_.begin(); one != running_.end();) {
            int status = 0;
            if (::waitpid(*one, &status, WNOHANG) != *one) {
                ++one;
                continue;
            }
            const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
            if (!clean) agent::log::warning("agent-proxy pid={} {}", *one, describe_end(status));
            ended_[*one] = status;
            one = running_.erase(one);
        }
        while (ended_.size() > 100) ended_.erase(ended_.begin());
        reaped_.notify_all();
    }
}

awaitable<void> DetachedLauncher::wait_reaped(pid_t pid) {
    while (running_.contains(pid)) co_await reaped_.wait();
}

// `ready` becomes the child's end of a stream that it says a byte on once it can be called.
Result<pid_t> DetachedLauncher::spawn(const std::string& id, const agent::UniqueFd& ready) const {
    const auto program = agent::find_own_program("agent-proxy");
    if (!program)
        return fail(Errc::proxy_failed, Hop::local, "there is no agent-proxy beside agentd",
                    "install it in the same folder as agentd, or in ../libexec/agentd");
    agent::UniqueFd log;
    constexpr int append = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    if (!log_path_.empty()) log.reset(::open(log_path_.c_str(), append, 0600));
    agent::Command command;
    command.program = *program;
    command.words = {"agent-proxy", "--id", id, "--ready-fd", "3"};
    command.out = command.err = log ? log.get() : STDERR_FILENO;
    command.third = ready.get();
    command.own_session = true;
    const auto pid = agent::spawn(command, "start " + *program);
    if (pid) return pid;
    auto error = pid.error();
    error.code = Errc::proxy_failed;
    return error;
}

awaitable<Result<std::unique_ptr<ProxyHandle>>> DetachedLauncher::launch() {
    const std::string id = agent::random_base62(12);
    auto stream = make_ready_stream(executor_);
    if (!stream) co_return stream.error();
    const auto pid = spawn(id, stream->theirs);
    stream->theirs.reset(); // the child's is the only one: its end is ours
    if (!pid) co_return pid.error();
    running_.insert(*pid);
    const auto ready = co_await agent::async::with_timeout(wait_ready(stream->ours), ready_limit);
    if (ready && *ready) {
        const std::string path = proxies_folder_ + "/" + id + ".sock";
        // If it has been waited for by now its number may be somebody else's: the socket knows.
        auto process =
            running_.contains(*pid) ? HeldProcess::child(*pid) : HeldProcess::listening_at(path);
        std::unique_ptr<ProxyHandle> handle =
            std::make_unique<ControlHandle>(executor_, path, std::move(process));
        co_return handle;
    }
    if (ready) {
        (void)co_await agent::async::with_timeout(wait_reaped(*pid), reaped_limit);
        const auto ended = ended_.find(*pid);
        co_return fail(
            Errc::proxy_failed, Hop::local,
            "agent-proxy " + (ended == ended_.end() ? "ended" : describe_end(ended->second)) +
                " at its start",
            log_path_.empty() ? std::string("agentd's log says why") : log_path_ + " says why");
    }
    if (running_.contains(*pid))
        ::kill(*pid, SIGKILL); // else the number may be somebody else's by now
    co_return fail(Errc::proxy_failed, Hop::local, "agent-proxy did not become ready in time");
}

awaitable<std::vector<AdoptedProxy>> DetachedLauncher::adopt() {
    std::vector<AdoptedProxy> adopted;
    std::error_code ec;
    std::vector<std::string> sockets;
    for (const auto& file : std::filesystem::directory_iterator(proxies_folder_, ec))
        if (file.path().extension() == ".sock") sockets.push_back(file.path().string());
    agent::async::TaskGroup looking(
        executor_); // at all at once: one that hangs keeps nobody waiting for long
    for (const auto& path : sockets) looking.spawn(adopt_one(path, adopted), "adopt");
    co_await looking.drain();
    co_return adopted;
}

awaitable<void> DetachedLauncher::adopt_one(std::string path, std::vector<AdoptedProxy>& adopted) {
    auto handle = std::make_unique<ControlHandle>(executor_, path, HeldProcess::listening_at(path));
    auto described = co_await handle->describe();
    const auto hangs = [&] { return !described && described.error().code == Errc::timed_out; };
    if (hangs()) described = co_await handle->describe(); // a machine that has just started is slow
    if (described) {
        described->handle = std::move(handle);
        adopted.push_back(std::move(*described));
        co_return;
    }
    agent::log::info("not adopted: {}", described.error().message);
    if (hangs()) { // it would keep its port from the one that comes instead
        const auto killed = co_await handle->kill(0ms);
        if (killed)
            agent::log::error(
                "{}: an agent-proxy of an earlier agentd did not answer and was killed", path);
        else
            agent::log::error("{}: an agent-proxy that does not answer runs on: {}", path,
                              killed.error().message);
    }
    // A refused connect means that its process has gone; anything else may still come to life.
    std::error_code ec;
    if (agent::try_connect(path) == ECONNREFUSED) std::filesystem::remove(path, ec);
}

awaitable<void> DetachedLauncher::stop() {
    child_signal_.cancel();
    co_await tasks_.stop();
}

} // namespace agentd
