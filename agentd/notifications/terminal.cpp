#include "agentd/notifications/terminal.hpp"

#include "async/with_timeout.hpp"
#include "base/find_program.hpp"
#include "base/spawn.hpp"

#include <boost/asio/this_coro.hpp>

#include <cstdlib>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace agentd {

using namespace std::chrono_literals;

namespace {

constexpr auto fails_at_once = 2s;
constexpr auto terminal_pause = 50ms;

bool has_systemd_manager() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    return runtime != nullptr &&
           ::access((std::string(runtime) + "/systemd/private").c_str(), F_OK) == 0;
}

/// What the service manager told agentd is not for others.
std::vector<std::string> environment() {
    std::vector<std::string> variables;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view text(*one);
        if (!text.starts_with("NOTIFY_SOCKET=") && !text.starts_with("LISTEN_") &&
            !text.starts_with("WATCHDOG_"))
            variables.emplace_back(text);
    }
    return variables;
}

agent::Result<pid_t> spawn(std::vector<std::string> words) {
    agent::Command command;
    command.words = std::move(words);
    command.environment = environment();
    command.in = STDIN_FILENO;
    command.out = STDOUT_FILENO;
    command.err = STDERR_FILENO;
    command.own_session = true;
    return agent::spawn(command);
}

/// Until the child has ended: its wait status.
agent::awaitable<int> reap(pid_t pid) {
    for (int status = 0;;) {
        if (::waitpid(pid, &status, WNOHANG) != 0) co_return status;
        co_await agent::async::sleep_for(terminal_pause);
    }
}

} // namespace

std::vector<std::string> terminal_command(std::vector<std::string> command) {
    std::vector<std::string> words;
    if (auto chooser = agent::find_on_path("xdg-terminal-exec"))
        words = {std::move(*chooser)};
    else if (auto terminal = agent::find_on_path("x-terminal-emulator"))
        words = {std::move(*terminal), "-e"};
    else
        return words;
    const auto runner = has_systemd_manager() ? agent::find_on_path("systemd-run") : std::nullopt;
    if (runner)
        words.insert(words.begin(),
                     {*runner, "--user", "--collect", "--quiet", "--same-dir", "--"});
    words.insert(words.end(), std::make_move_iterator(command.begin()),
                 std::make_move_iterator(command.end()));
    return words;
}

agent::awaitable<bool> open_terminal(std::vector<std::string> command) {
    auto words = terminal_command(std::move(command));
    if (words.empty()) co_return false;
    const auto pid = spawn(std::move(words));
    if (!pid) co_return false;
    const auto status = co_await agent::async::with_timeout(reap(*pid), fails_at_once);
    if (status) co_return WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
    co_await reap(*pid); // the window is open
    co_return true;
}

} // namespace agentd
