#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace agentctl::test {
namespace {

constexpr std::chrono::seconds limit{30};

} // namespace

RuntimeDir::RuntimeDir() : path_((std::filesystem::temp_directory_path() / "agentctl-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
}

RuntimeDir::~RuntimeDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Program::Program(const RuntimeDir& dir, std::vector<std::string> arguments,
                 std::map<std::string, std::string> environment, const std::string& input) {
    environment.try_emplace("XDG_RUNTIME_DIR", dir.path());
    environment.try_emplace("XDG_STATE_HOME", dir.path() + "/state");
    environment.try_emplace("AGENTCTL_NO_START", "1");
    environment.try_emplace("TZ", "UTC");
    environment.try_emplace("PATH", "/usr/bin:/bin");
    for (const char* sanitizer : {"ASAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* value = std::getenv(sanitizer); value != nullptr) environment.try_emplace(sanitizer, value);
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    arguments.insert(arguments.begin(), AGENTCTL_PROGRAM);
    std::vector<char*> argv, envp;
    for (auto& one : arguments) argv.push_back(one.data());
    for (auto& one : variables) envp.push_back(one.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);

    std::array<int, 2> in{}, out_ends{}, err_ends{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out_ends.data(), O_CLOEXEC) != 0 ||
        ::pipe2(err_ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("pipe2");
    if (!input.empty() && ::write(in[1], input.data(), input.size()) < 0) throw std::runtime_error("write");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(in[0], 0);
        ::dup2(out_ends[1], 1);
        ::dup2(err_ends[1], 2);
        ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(in[1]);
    ::close(out_ends[1]);
    ::close(err_ends[1]);
    out_.reset(out_ends[0]);
    err_.reset(err_ends[0]);
}

Program::~Program() {
    if (code_ >= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Program::give_up(const std::string& what) {
    throw std::runtime_error(what + " within half a minute; standard output: " + out + "\nstandard error: " + err);
}

bool Program::read_some(int timeout_ms) {
    std::array<pollfd, 2> fds{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0}};
    if (::poll(fds.data(), fds.size(), timeout_ms) <= 0) return true;
    bool open = false;
    for (auto* stream : {&out_, &err_}) {
        const auto& fd = fds[stream == &out_ ? 0 : 1];
        if (!*stream) continue;
        open = true;
        if (fd.revents == 0) continue;
        char bytes[4096];
        const ssize_t n = ::read(stream->get(), bytes, sizeof bytes);
        if (n > 0)
            (stream == &out_ ? out : err).append(bytes, static_cast<std::size_t>(n));
        else
            stream->reset();
    }
    return open;
}

void Program::await_output(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (out.find(text) == std::string::npos)
        if (std::chrono::steady_clock::now() > deadline || !read_some(50)) give_up("no \"" + text + "\"");
}

void Program::send_signal(int number) const {
    ::kill(pid_, number);
}

int Program::await_exit() {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (out_ || err_) {
        if (std::chrono::steady_clock::now() > deadline) give_up("no end of its output");
        read_some(50);
    }
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) give_up("no exit");
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
}

} // namespace agentctl::test
