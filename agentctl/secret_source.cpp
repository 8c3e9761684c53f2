#include "agentctl/secret_source.hpp"

#include "agentctl/output/format.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::Secret;

constexpr std::size_t max_secret_bytes = 64 * 1024;

Secret without_space_around(const Secret& secret) {
    constexpr std::string_view space = " \t\r\n";
    const std::string_view text = secret.reveal();
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return Secret(std::string(text.substr(first, text.find_last_not_of(space) - first + 1)));
}

Result<Secret> read_all(int fd, const std::string& what) {
    std::string bytes;
    bytes.reserve(max_secret_bytes + 1); // so that no grown-out-of copy stays in memory
    char buffer[4096];
    for (;;) {
        const ssize_t n = ::read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return agent::fail_errno(Errc::invalid_argument, Hop::local, "reading " + what, errno);
        if (n == 0) break;
        if (bytes.size() + static_cast<std::size_t>(n) > max_secret_bytes)
            return fail(Errc::invalid_argument, Hop::local, what + " is longer than 64 KiB");
        bytes.append(buffer, static_cast<std::size_t>(n));
    }
    ::explicit_bzero(buffer, sizeof buffer);
    return without_space_around(Secret(std::move(bytes)));
}

Result<std::string> read_terminal_line(const std::string& question) {
    if (::isatty(STDIN_FILENO) != 1)
        return fail(Errc::invalid_argument, Hop::local, "standard input is no terminal, so there is nobody to ask");
    print_error(question);
    std::string line;
    line.reserve(1024);
    for (char c = 0; line.size() < 1024;) {
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0 || c == '\n') break;
        line += c;
    }
    return line;
}

// Echo stays off while this lives. No signal may end us before it is on again: Ctrl-C arrives as a character, others
// wait.
class WithoutEcho {
  public:
    WithoutEcho() {
        known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        sigset_t signals;
        sigemptyset(&signals);
        for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&signals, one);
        ::sigprocmask(SIG_BLOCK, &signals, &mask_before_);
        quiet.c_lflag &= ~static_cast<tcflag_t>(ISIG);
        if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~WithoutEcho() {
        if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }
    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;

  private:
    termios before_{};
    sigset_t mask_before_{};
    bool known_ = false;
};

} // namespace

Result<Secret> read_secret_source(std::string_view source, std::string_view what) {
    const std::string name(what);
    if (source.starts_with("env://")) {
        const std::string variable(source.substr(6));
        const char* value = std::getenv(variable.c_str());
        if (value == nullptr)
            return fail(Errc::invalid_argument, Hop::local,
                        "the environment variable " + variable + " of " + name + " is not set");
        return without_space_around(Secret(value));
    }
    if (source.starts_with("file://")) {
        const std::string path(source.substr(7));
        agent::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!file)
            return agent::fail_errno(Errc::invalid_argument, Hop::local, "opening " + path + " of " + name, errno);
        return read_all(file.get(), path);
    }
    return fail(Errc::invalid_argument, Hop::local, name + " must not hold the secret itself",
                "Give env://NAME or file://PATH.");
}

Result<Secret> read_standard_input(std::string_view what) {
    return read_all(STDIN_FILENO, "standard input for " + std::string(what));
}

Result<std::string> prompt_line(const std::string& question) {
    return read_terminal_line(question);
}

Result<Secret> prompt_secret(const std::string& question) {
    auto line = [&] {
        WithoutEcho quiet;
        return read_terminal_line(question);
    }();
    if (!line) return line.error();
    print_error("\n");
    if (line->find('\x03') != std::string::npos) return fail(Errc::canceled, Hop::local, "canceled");
    return Secret(std::move(*line));
}

} // namespace agentctl
