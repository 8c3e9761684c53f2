#include "agentctl/child.hpp"

#include "agentctl/inherited.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "base/secret.hpp"
#include "base/spawn.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <vector>

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

namespace {

std::string_view name_in(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

std::vector<std::string> environment_of(const ipc::Proxy& proxy, const ChildEnvironment& other) {
    const auto replaced = [&](std::string_view name) {
        return name.starts_with("BOUNDARY_PROXIED_") ||
               std::ranges::find(other.without, name) != other.without.end() ||
               std::ranges::find(other.set, name, name_in) != other.set.end();
    };
    std::vector<std::string> variables;
    for (char** entry = ::environ; *entry != nullptr; ++entry)
        if (!replaced(name_in(*entry))) variables.emplace_back(*entry);
    variables.insert(variables.end(), other.set.begin(), other.set.end());
    variables.push_back("BOUNDARY_PROXIED_IP=" + proxy.address);
    variables.push_back("BOUNDARY_PROXIED_PORT=" + std::to_string(proxy.port));
    variables.push_back("BOUNDARY_PROXIED_ADDR=" + local_endpoint(proxy));
    return variables;
}

} // namespace

agent::Result<Child> Child::start(const std::vector<std::string>& words, const ipc::Proxy& proxy,
                                  const ChildEnvironment& environment, std::string attempt) {
    if (attempt.empty()) attempt = "running " + words[0];
    agent::Command command;
    command.words = words;
    command.environment = environment_of(proxy, environment);
    command.in = STDIN_FILENO;
    command.out = STDOUT_FILENO;
    command.err = STDERR_FILENO;
    command.all_descriptors = true; // it takes our place
    const InheritedUmask usual;
    const auto pid = agent::spawn(command, std::move(attempt));
    for (auto& variable : *command.environment) agent::wipe(variable); // one may be a secret
    if (!pid) return pid.error();
    return Child(*pid);
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
