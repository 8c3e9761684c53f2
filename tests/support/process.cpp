#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace agent::test {

namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
    UniqueFd read;
    UniqueFd write;
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
        read.reset(ends[0]);
        write.reset(ends[1]);
    }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

} // namespace

Process::Process(std::vector<std::string> command, Options options) {
    Pipe in, out, err;
    std::vector<std::string> variables;
    for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);
    auto words = pointers(command);
    auto environment = pointers(variables);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
        if (options.own_session) ::setsid();
        if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
        ::dup2(in.read.get(), 0);
        ::dup2(out.write.get(), 1);
        ::dup2(err.write.get(), 2);
        ::signal(SIGPIPE, SIG_DFL);
        ::execve(words[0], words.data(), environment.data());
        ::_exit(127);
    }
    out_pipe_ = std::move(out.read);
    err_pipe_ = std::move(err.read);
    input_ = std::move(in.write);
    ::signal(SIGPIPE, SIG_IGN);
    std::string_view left = options.input; // small inputs only: they fit into the pipe
    while (!left.empty()) {
        const auto n = ::write(input_.get(), left.data(), left.size());
        if (n <= 0) break;
        left.remove_prefix(static_cast<std::size_t>(n));
    }
    if (!options.keep_input) input_.reset();
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), input_(std::move(other.input_)),
      out_pipe_(std::move(other.out_pipe_)), err_pipe_(std::move(other.err_pipe_)),
      out_(std::move(other.out_)), err_(std::move(other.err_)), exit_(other.exit_) {}

Process::~Process() {
    if (pid_ < 0 || exit_) return;
    reap();
    if (exit_) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
}

void Process::reap() {
    int status = 0;
    if (exit_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return;
    exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Process::running() {
    reap();
    return !exit_;
}

void Process::signal(int number) const {
    if (pid_ > 0 && !exit_) ::kill(pid_, number);
}

void Process::signal_group(int number) const {
    if (pid_ > 0) ::kill(-pid_, number);
}

/// Waits for output of either kind; false when both ended or the deadline came.
bool Process::read_some(Clock::time_point deadline) {
    std::array<pollfd, 2> files{pollfd{out_pipe_.get(), POLLIN, 0},
                                pollfd{err_pipe_.get(), POLLIN, 0}};
    if (!out_pipe_ && !err_pipe_) return false;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0 ||
        ::poll(files.data(), files.size(), static_cast<int>(std::min<long>(left, 100))) < 0)
        return left > 0;
    const auto drain = [](const pollfd& file, UniqueFd& pipe, std::string& text) {
        if (file.fd < 0 || file.revents == 0) return;
        std::array<char, 65536> buffer;
        const auto n = ::read(pipe.get(), buffer.data(), buffer.size());
        if (n > 0)
            text.append(buffer.data(), static_cast<std::size_t>(n));
        else if (n == 0 || errno != EINTR)
            pipe.reset();
    };
    drain(files[0], out_pipe_, out_);
    drain(files[1], err_pipe_, err_);
    return true;
}

bool Process::wait_for(std::string_view text, std::chrono::milliseconds limit, bool err) {
    const auto deadline = Clock::now() + limit;
    const std::string& read = err ? err_ : out_;
    while (read.find(text) == std::string::npos)
        if (!read_some(deadline)) return false;
    return true;
}

Ended Process::wait(std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    // Its descendants may hold the pipes open for longer than it lives: its end counts, then what
    // is in the pipes.
    while (running() && Clock::now() < deadline)
        if (!read_some(deadline)) ::usleep(5000); // both pipes closed, the process not gone yet
    const auto rest = std::min(deadline, Clock::now() + std::chrono::milliseconds(100));
    while (exit_ && read_some(rest)) {
    }
    return {exit_.value_or(-1), out_, err_};
}

Ended run_program(std::vector<std::string> command, Process::Options options,
                  std::chrono::milliseconds deadline) {
    Process process(std::move(command), std::move(options));
    return process.wait(deadline);
}

std::string find_on_path(std::string_view program) {
    const char* path = std::getenv("PATH");
    std::string rest = std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        const std::string candidate = rest.substr(0, end) + "/" + std::string(program);
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
        rest.erase(0, end + 1);
    }
    return {};
}

} // namespace agent::test
