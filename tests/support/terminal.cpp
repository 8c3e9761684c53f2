#include "support/terminal.hpp"

#include "support/eventually.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace agent::test {
namespace {

std::vector<char*> argument_pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

} // namespace

Terminal::Terminal(std::vector<std::string> command, const Environment& environment) {
    int master = -1;
    int slave = -1;
    if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0)
        throw std::runtime_error("openpty failed");
    ours_.reset(master);
    its_.reset(slave);
    for (const int file : {master, slave}) ::fcntl(file, F_SETFD, FD_CLOEXEC);
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    auto words = argument_pointers(command);
    auto settings = argument_pointers(variables);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ > 0) return;
    ::setsid();
    ::ioctl(slave, TIOCSCTTY, 0);
    for (const int file : {0, 1, 2}) ::dup2(slave, file);
    ::signal(SIGPIPE, SIG_DFL);
    ::execve(words[0], words.data(), settings.data());
    ::_exit(127);
}

Terminal::~Terminal() {
    if (exit_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Terminal::type(std::string_view text) const {
    if (::write(ours_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("the terminal takes no more");
}

void Terminal::read_some(int limit_ms) {
    pollfd file{ours_.get(), POLLIN, 0};
    if (::poll(&file, 1, limit_ms) <= 0 || (file.revents & POLLIN) == 0) return;
    std::array<char, 4096> buffer;
    const auto n = ::read(ours_.get(), buffer.data(), buffer.size());
    if (n > 0) seen_.append(buffer.data(), static_cast<std::size_t>(n));
}

bool Terminal::wait_for(std::string_view text, std::chrono::milliseconds deadline) {
    const auto there = [&] {
        read_some(20);
        return seen_.find(text) != std::string::npos;
    };
    return eventually(there, deadline);
}

void Terminal::signal(int number) const {
    if (!exit_) ::kill(pid_, number);
}

int Terminal::wait(std::chrono::milliseconds deadline) {
    const auto gone = [&] {
        read_some(0);
        int status = 0;
        if (!exit_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
            exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return exit_.has_value();
    };
    if (!eventually(gone, deadline)) return -1;
    for (auto before = seen_.size() + 1; before != seen_.size();) {
        before = seen_.size();
        read_some(0);
    }
    return *exit_;
}

termios Terminal::settings() const {
    termios now{};
    if (::tcgetattr(its_.get(), &now) != 0) throw std::runtime_error("tcgetattr failed");
    return now;
}

} // namespace agent::test
