#include "agentctl/run_program.hpp"

#include "agentctl/inherited.hpp"
#include "base/spawn.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::UniqueFd;

constexpr std::chrono::seconds limit{30};
constexpr std::size_t max_output = 1 << 20;

agent::Result<pid_t> start(const std::vector<std::string>& words, int out, int err) {
    agent::Command command;
    command.words = words;
    command.out = out;
    command.err = err;
    command.all_descriptors = true; // a word may name one: /dev/fd/63
    const InheritedUmask usual;     // a browser is not ours
    return agent::spawn(command);
}

/// Until both have ended; false when the time is up.
bool read_both(Ran& ran, const UniqueFd& out, const UniqueFd& err) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::array<pollfd, 2> fds{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    std::array<std::string*, 2> texts{&ran.out, &ran.err};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            return false;
        for (std::size_t i = 0; i < fds.size(); ++i) {
            if (fds[i].fd < 0 || fds[i].revents == 0) continue;
            char bytes[4096];
            const auto n = ::read(fds[i].fd, bytes, sizeof bytes);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0)
                fds[i].fd = -1;
            else if (texts[i]->size() < max_output)
                texts[i]->append(bytes, static_cast<std::size_t>(n));
        }
    }
    return true;
}

} // namespace

agent::Result<Ran> run_program(const std::vector<std::string>& words) {
    auto out = agent::make_pipe();
    if (!out) return out.error();
    auto err = agent::make_pipe();
    if (!err) return err.error();
    const auto pid = start(words, out->write.get(), err->write.get());
    if (!pid) return pid.error();
    out->write.reset();
    err->write.reset();
    Ran ran;
    const bool ended = read_both(ran, out->read, err->read);
    if (!ended) ::kill(*pid, SIGKILL);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended)
        return fail(Errc::timed_out, Hop::local, words[0] + " did not end within 30 seconds");
    ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    while (!ran.err.empty() && ran.err.back() == '\n') ran.err.pop_back();
    return ran;
}

} // namespace agentctl
