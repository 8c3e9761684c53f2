#include "agentctl/prompt.hpp"

#include "agentctl/output/format.hpp"
#include "base/unique_fd.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::Secret;

constexpr std::size_t longest_line = 4096; // as the terminal has it

agent::Status somebody_to_ask() {
    if (::isatty(STDIN_FILENO) == 1) return {};
    return fail(Errc::invalid_argument, Hop::local,
                "standard input is no terminal, so there is nobody to ask");
}

/// What may end or stop us waits while this lives, and is to be seen at descriptor().
class SignalsHeld {
  public:
    SignalsHeld() {
        sigset_t signals;
        sigemptyset(&signals);
        for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&signals, one);
        ::sigprocmask(SIG_BLOCK, &signals, &before_);
        pending_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    ~SignalsHeld() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); } // where it strikes
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

    int descriptor() const { return pending_.get(); } // never read: what is pending stays so

  private:
    sigset_t before_{};
    agent::UniqueFd pending_;
};

/// Lines stay lines and Ctrl-C stays Ctrl-C; what has been typed already is not thrown away.
class WithoutEcho {
  public:
    WithoutEcho() {
        known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (known_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
    }
    ~WithoutEcho() {
        if (known_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;

  private:
    termios before_{};
    bool known_ = false;
};

/// Appends to `line` until it is complete. false: `interrupt` (-1: none) became readable before.
bool read_line(std::string& line, int interrupt) {
    for (char c = 0; line.size() < longest_line;) {
        std::array<pollfd, 2> files{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{interrupt, POLLIN, 0}};
        if (::poll(files.data(), files.size(), -1) < 0 && errno != EINTR) break;
        if (files[1].revents != 0) return false;
        if (files[0].revents == 0) continue;
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0 || c == '\n') break;
        line += c;
    }
    return true;
}

/// false: a signal came, and has taken effect; whoever is still there asks again.
bool read_unseen(std::string& line, const std::string& question) {
    const SignalsHeld signals;
    bool complete = false;
    {
        const WithoutEcho quiet;
        print_error(question);
        complete = read_line(line, signals.descriptor());
    }
    print_error("\n"); // the one that was typed did not appear
    return complete;
}

} // namespace

Result<std::string> prompt_line(const std::string& question) {
    if (auto there = somebody_to_ask(); !there) return there.error();
    print_error(question);
    std::string line;
    read_line(line, -1);
    return line;
}

Result<Secret> prompt_secret(const std::string& question) {
    if (auto there = somebody_to_ask(); !there) return there.error();
    std::string line;
    line.reserve(longest_line); // so that no grown-out-of copy stays in memory
    while (!read_unseen(line, question)) {
    }
    return Secret(std::move(line));
}

} // namespace agentctl
