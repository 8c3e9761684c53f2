#include "agentd/launcher/detached_launcher.hpp"

#include "agentd/launcher/control_handle.hpp"
#include "agentd/launcher/find_program.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

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

namespace {

constexpr auto ready_limit = 10s;

std::string describe_end(int status) {
    if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

} // namespace

DetachedLauncher::DetachedLauncher(boost::asio::any_io_executor executor, std::string proxies_folder,
                                   std::string log_path)
    : executor_(executor), proxies_folder_(std::move(proxies_folder)), log_path_(std::move(log_path)),
      child_signal_(executor, SIGCHLD), tasks_(executor) {
    tasks_.spawn(reap(), "reap");
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
    }
}

Result<pid_t> DetachedLauncher::spawn(const std::string& id) const {
    const auto program = find_program("agent-proxy");
    if (!program)
        return fail(Errc::proxy_failed, Hop::local, "there is no agent-proxy beside agentd",
                    "install it in the same folder as agentd, or in ../libexec/agentd");
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&how);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    agent::UniqueFd log;
    if (!log_path_.empty()) log.reset(::open(log_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (log) {
        ::posix_spawn_file_actions_adddup2(&files, log.get(), 1);
        ::posix_spawn_file_actions_adddup2(&files, log.get(), 2);
    } else {
        ::posix_spawn_file_actions_adddup2(&files, 2, 1);
    }
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&how, &none);
    ::posix_spawnattr_setsigdefault(&how, &all);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string name = "agent-proxy";
    std::string flag = "--id";
    std::string value = id;
    char* arguments[] = {name.data(), flag.data(), value.data(), nullptr};
    pid_t pid = 0;
    const int problem = ::posix_spawn(&pid, program->c_str(), &files, &how, arguments, environ);
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    if (problem != 0) return agent::fail_errno(Errc::proxy_failed, Hop::local, "start " + *program, problem);
    return pid;
}

awaitable<Result<std::unique_ptr<ProxyHandle>>> DetachedLauncher::launch() {
    const std::string id = agent::random_base62(12);
    const auto pid = spawn(id);
    if (!pid) co_return pid.error();
    running_.insert(*pid);
    const std::string path = proxies_folder_ + "/" + id + ".sock";
    const auto deadline = std::chrono::steady_clock::now() + ready_limit;
    while (std::chrono::steady_clock::now() < deadline) {
        if (ipc::Client::connect(executor_, path)) {
            std::unique_ptr<ProxyHandle> handle = std::make_unique<ControlHandle>(executor_, path);
            co_return handle;
        }
        const auto ended = ended_.find(*pid);
        if (ended != ended_.end())
            co_return fail(Errc::proxy_failed, Hop::local,
                           "agent-proxy " + describe_end(ended->second) + " at its start",
                           log_path_.empty() ? std::string("agentd's log says why") : log_path_ + " says why");
        co_await agent::async::sleep_for(2ms);
    }
    ::kill(*pid, SIGKILL);
    co_return fail(Errc::proxy_failed, Hop::local, "agent-proxy did not become ready in time");
}

awaitable<std::vector<AdoptedProxy>> DetachedLauncher::adopt() {
    std::vector<AdoptedProxy> adopted;
    std::error_code ec;
    std::vector<std::string> sockets;
    for (const auto& file : std::filesystem::directory_iterator(proxies_folder_, ec))
        if (file.path().extension() == ".sock") sockets.push_back(file.path().string());
    for (const auto& path : sockets) {
        auto handle = std::make_unique<ControlHandle>(executor_, path);
        auto described = co_await handle->describe();
        if (!described) {
            agent::log::info("not adopted: {}", described.error().message);
            // A refused connect means that its process has gone; anything else may still come to life.
            const bool dead = described.error().code == Errc::proxy_failed && !ipc::Client::connect(executor_, path);
            if (dead) std::filesystem::remove(path, ec);
            continue;
        }
        described->handle = std::move(handle);
        adopted.push_back(std::move(*described));
    }
    co_return adopted;
}

awaitable<void> DetachedLauncher::stop() {
    child_signal_.cancel();
    co_await tasks_.stop();
}

} // namespace agentd
