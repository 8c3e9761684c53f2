#include "agentd/notifications/terminal.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"

#include <boost/asio/this_coro.hpp>

#include <cstdlib>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace agentd {

using namespace std::chrono_literals;

namespace {

constexpr auto fails_at_once = 2s;
constexpr auto look_again = 50ms;

std::string on_path(std::string_view program) {
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        std::string candidate = std::string(rest.substr(0, end)) + "/" + std::string(program);
        if (candidate.front() == '/' && ::access(candidate.c_str(), X_OK) == 0) return candidate;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

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

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

pid_t spawn(std::vector<std::string> words) {
    auto variables = environment();
    auto arguments = pointers(words);
    auto settings = pointers(variables);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3); // Asio's sockets do not close on exec
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, words.front().c_str(), &files, &attributes,
                                     arguments.data(), settings.data());
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    return failed == 0 ? pid : -1;
}

/// Until the child has ended: its wait status.
agent::awaitable<int> reap(pid_t pid) {
    for (int status = 0;;) {
        if (::waitpid(pid, &status, WNOHANG) != 0) co_return status;
        co_await agent::async::sleep_for(look_again);
    }
}

} // namespace

std::vector<std::string> terminal_words(std::vector<std::string> command) {
    std::vector<std::string> words;
    if (auto chooser = on_path("xdg-terminal-exec"); !chooser.empty())
        words = {std::move(chooser)};
    else if (auto terminal = on_path("x-terminal-emulator"); !terminal.empty())
        words = {std::move(terminal), "-e"};
    else
        return words;
    const auto runner = has_systemd_manager() ? on_path("systemd-run") : std::string();
    if (!runner.empty())
        words.insert(words.begin(), {runner, "--user", "--collect", "--quiet", "--same-dir", "--"});
    words.insert(words.end(), std::make_move_iterator(command.begin()),
                 std::make_move_iterator(command.end()));
    return words;
}

agent::awaitable<bool> open_terminal(std::vector<std::string> command) {
    auto words = terminal_words(std::move(command));
    if (words.empty()) co_return false;
    const pid_t pid = spawn(std::move(words));
    if (pid < 0) co_return false;
    const auto status = co_await agent::async::with_timeout(reap(pid), fails_at_once);
    if (status) co_return WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
    co_await reap(pid); // the window is open
    co_return true;
}

} // namespace agentd
