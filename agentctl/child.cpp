#include "agentctl/child.hpp"

#include "agentctl/inherited.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace agentctl {

std::string fill_templates(std::string text, const ipc::Proxy& proxy) {
    const std::array<std::pair<std::string, std::string>, 3> names{
        {{"boundary.ip", proxy.address},
         {"boundary.port", std::to_string(proxy.port)},
         {"boundary.addr", local_endpoint(proxy)}}};
    for (const auto& [name, value] : names)
        for (const char* before : {"", " "})
            for (const char* after : {"", " "}) {
                const std::string pattern = std::string("{{") + before + name + after + "}}";
                for (std::size_t at = 0; (at = text.find(pattern, at)) != std::string::npos;
                     at += value.size())
                    text.replace(at, pattern.size(), value);
            }
    return text;
}

agent::Result<Child> Child::start(const std::vector<std::string>& words, const ipc::Proxy& proxy) {
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    // A pipe that exec closes: what comes out of it otherwise is why exec failed.
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return agent::fail_errno(agent::Errc::environment, agent::Hop::local, "pipe", errno);
    agent::UniqueFd told(ends[0]), tell(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0)
        return agent::fail_errno(agent::Errc::environment, agent::Hop::local, "fork", errno);
    if (pid == 0) {
        restore_inherited();
        ::setenv("BOUNDARY_PROXIED_IP", proxy.address.c_str(), 1);
        ::setenv("BOUNDARY_PROXIED_PORT", std::to_string(proxy.port).c_str(), 1);
        ::setenv("BOUNDARY_PROXIED_ADDR", local_endpoint(proxy).c_str(), 1);
        ::execvp(arguments[0], arguments.data());
        const int problem = errno;
        if (::write(tell.get(), &problem, sizeof problem) < 0) ::_exit(126);
        ::_exit(127);
    }
    tell.reset();
    int problem = 0;
    if (::read(told.get(), &problem, sizeof problem) == sizeof problem) {
        ::waitpid(pid, nullptr, 0);
        return agent::fail_errno(agent::Errc::environment, agent::Hop::local, "running " + words[0],
                                 problem);
    }
    return Child(pid);
}

std::optional<int> Child::poll_exit() {
    int status = 0;
    if (!exit_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
        exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    return exit_;
}

void Child::send_signal(int number) const {
    if (!exit_) ::kill(pid_, number);
}

} // namespace agentctl
