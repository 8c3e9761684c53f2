#include "agentctl/helpers/key_agent.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/helpers/askpass.hpp"
#include "agentctl/helpers/fit.hpp"
#include "agentctl/helpers/secret_file.hpp"
#include "base/private_folder.hpp"
#include "base/random.hpp"
#include "base/spawn.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <utility>

namespace agentctl::helpers {
namespace {

constexpr const char* key_lifetime = "600"; // seconds, for a host key to be looked at meanwhile
constexpr int agent_start_limit_ms = 10'000;
// What nobody has to type is done at once.
constexpr int add_limit_ms = 10'000;
// The agent ends when its parent does, which ends when its standard input does, which ends with us
// or whoever killed us.
constexpr const char* holder_script = "echo \"$SSH_AGENT_PID\"; exec cat >/dev/null";

agent::Error agent_problem(std::string why) {
    return cannot_collect("an ssh-agent for the brokered key: " + std::move(why),
                          "It needs ssh-agent and ssh-add of OpenSSH.");
}

/// The first line that comes, without its end; empty when none does.
std::string read_first_line(int fd) {
    std::string line;
    pollfd one{fd, POLLIN, 0};
    char c = 0;
    while (line.size() < 32 && ::poll(&one, 1, agent_start_limit_ms) > 0 &&
           ::read(fd, &c, 1) == 1) {
        if (c == '\n') return line;
        line += c;
    }
    return {};
}

/// Without a passphrase of ours ssh-add may ask as the user has it.
std::vector<std::string> ssh_add_variables(const std::string& socket,
                                           const agent::Secret& passphrase) {
    std::vector<std::string> variables;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view one(*entry);
        if (one.starts_with("SSH_AUTH_SOCK=")) continue;
        if (!passphrase.empty() && one.starts_with("SSH_ASKPASS")) continue;
        variables.emplace_back(one);
    }
    variables.push_back("SSH_AUTH_SOCK=" + socket);
    if (passphrase.empty()) return variables;
    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    variables.push_back("SSH_ASKPASS=" + self.string());
    variables.emplace_back("SSH_ASKPASS_REQUIRE=force");
    variables.push_back(std::string(askpass_variable) + "=" + std::string(passphrase.reveal()));
    return variables;
}

} // namespace

KeyAgent::KeyAgent(KeyAgent&& other) noexcept
    : socket_(std::exchange(other.socket_, {})), alive_(std::move(other.alive_)),
      holder_(std::exchange(other.holder_, -1)), agent_(std::exchange(other.agent_, -1)) {}

KeyAgent::~KeyAgent() {
    if (agent_ > 0) ::kill(agent_, SIGTERM); // its parent lives still, so it is no other's number
    alive_.reset();
    while (holder_ > 0 && ::waitpid(holder_, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (!socket_.empty()) ::unlink(socket_.c_str());
}

agent::Status KeyAgent::start() {
    const auto agentd = agent_socket_path();
    if (!agentd) return agentd.error();
    const auto folder = std::filesystem::path(*agentd).parent_path();
    if (auto made = agent::ensure_private_folder(folder); !made) return made.error();
    const std::string path =
        folder / fmt::format("ssh-{}-{:08x}.sock", ::getpid(), agent::random_below(0xffffffff));
    auto in = agent::make_pipe();
    if (!in) return in.error();
    auto out = agent::make_pipe();
    if (!out) return out.error();
    agent::Command command;
    command.words = {"ssh-agent", "-t", key_lifetime, "-a", path, "sh", "-c", holder_script};
    command.in = in->read.get();
    command.out = out->write.get();
    command.own_session = true; // Ctrl-C is the command's
    const auto pid = agent::spawn(command);
    if (!pid) return agent_problem(pid.error().message);
    holder_ = *pid;
    socket_ = path;
    alive_ = std::move(in->write);
    in->read.reset();
    out->write.reset();
    const std::string told = read_first_line(out->read.get());
    std::from_chars(told.data(), told.data() + told.size(), agent_);
    if (agent_ <= 1) return agent_problem("it did not start");
    return {};
}

agent::Status KeyAgent::add(const agent::Secret& key, const agent::Secret& passphrase) const {
    std::string text(key.reveal());
    text += '\n'; // a key whose last line has no end is refused
    auto file = SecretFile::holding(text);
    agent::wipe(text);
    if (!file) return file.error();
    agent::Command command;
    command.words = {"ssh-add", "-q", "-t", key_lifetime, "-"};
    command.in = file->descriptor();
    command.environment = ssh_add_variables(socket_, passphrase);
    const auto pid = agent::spawn(command);
    for (auto& variable : *command.environment) agent::wipe(variable);
    if (!pid) return agent_problem(pid.error().message);
    const auto process = agent::open_process(*pid);
    pollfd ended{process ? process->get() : -1, POLLIN, 0};
    if (!passphrase.empty() && process && ::poll(&ended, 1, add_limit_ms) == 0)
        ::kill(*pid, SIGKILL);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return agent_problem(passphrase.empty() ? "ssh-add refused the key"
                                                : "ssh-add refused the key or its passphrase");
    return {};
}

agent::Result<KeyAgent> KeyAgent::with_key(const agent::Secret& key,
                                           const agent::Secret& passphrase) {
    KeyAgent agent;
    if (auto started = agent.start(); !started) return started.error();
    if (auto added = agent.add(key, passphrase); !added) return added.error();
    return agent;
}

} // namespace agentctl::helpers
