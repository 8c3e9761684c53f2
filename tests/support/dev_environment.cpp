#include "support/dev_environment.hpp"

#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <keyutils.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

namespace agent::test {

namespace {

/// Our children, and what they left behind: this process is their reaper. Only by pid, and only
/// programs of ours.
std::vector<pid_t> children_named(std::string_view name, const std::string& parent = "self") {
    std::vector<pid_t> found;
    std::error_code gone;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + parent + "/task", gone)) {
        std::istringstream children(read_text(task.path() / "children"));
        for (pid_t pid = 0; children >> pid;) {
            auto comm = read_text("/proc/" + std::to_string(pid) + "/comm");
            if (comm == std::string(name.substr(0, 15)) + "\n")
                found.push_back(pid); // the kernel keeps 15
        }
    }
    return found;
}

/// Ours, or a child of one that is.
void end_child(pid_t pid, int signal) {
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const auto ended = [&](int limit_ms) {
        pollfd end{process.get(), POLLIN, 0};
        return ::poll(&end, 1, limit_ms) > 0;
    };
    ::kill(pid, signal);
    if (process && !ended(20'000)) {
        ::kill(pid, SIGKILL);
        ended(20'000);
    }
    ::waitpid(pid, nullptr, 0); // ECHILD where its own parent does
}

/// The kernel's keyring is one for all of a user's processes: what a test's agents stored must not
/// stay in it.
void forget_keys(const std::string& prefix) {
    void* serials = nullptr;
    const long size = ::keyctl_read_alloc(KEY_SPEC_USER_KEYRING, &serials);
    for (long i = 0; i < size / static_cast<long>(sizeof(key_serial_t)); ++i) {
        const auto serial = static_cast<key_serial_t*>(serials)[i];
        char* description = nullptr;
        if (::keyctl_describe_alloc(serial, &description) < 0) continue;
        if (std::string_view(description).find(prefix) != std::string_view::npos)
            ::keyctl_unlink(serial, KEY_SPEC_USER_KEYRING);
        std::free(description);
    }
    std::free(serials);
}

std::uint16_t port_in(const std::string& text, const std::string& pattern) {
    std::smatch match;
    if (!std::regex_search(text, match, std::regex(pattern))) return 0;
    return static_cast<std::uint16_t>(std::stoi(match[1]));
}

} // namespace

DevEnvironment::DevEnvironment() : DevEnvironment(Options{}) {}

DevEnvironment::DevEnvironment(Options options) {
    ::prctl(PR_SET_CHILD_SUBREAPER,
            1); // agentd and agent-proxy detach themselves; so they come back to us
    for (const char* name : {"run", "home", "config", "state", "data", "cache"})
        folder_.folder(name);
    environment = {{"PATH", std::string(AGENT_PROGRAM_PATH) + ":/usr/bin:/bin"},
                   {"AGENTD", AGENTD_PROGRAM},
                   {"HOME", folder_ / "home"},
                   {"XDG_RUNTIME_DIR", folder_ / "run"},
                   {"XDG_CONFIG_HOME", folder_ / "config"},
                   {"XDG_STATE_HOME", folder_ / "state"},
                   {"XDG_DATA_HOME", folder_ / "data"},
                   {"XDG_CACHE_HOME", folder_ / "cache"},
                   {"LANG", "C.UTF-8"},
                   {"TZ", "UTC"},
                   {"AGENTD_KEYRING_PREFIX", "test:" + folder_.path().filename().string() + ":"},
                   {"PW", "password"},
                   {"ASAN_OPTIONS", "detect_leaks=0"}};
    if (options.start_server) start_server(options);
}

DevEnvironment::~DevEnvironment() {
    end_children();
    server_.reset();
    forget_keys(environment.at("AGENTD_KEYRING_PREFIX"));
}

void DevEnvironment::start_server(const Options& options) {
    host_ = options.server_host;
    auto command = options.server_prefix;
    command.insert(command.end(), {DEV_SERVER_PROGRAM, "-api-listen-address", host_ + ":0",
                                   "-proxy-listen-address", host_ + ":0"});
    if (options.target_port != 0) {
        command.push_back("-target-default-port");
        command.push_back(std::to_string(options.target_port));
    }
    command.insert(command.end(), options.server_flags.begin(), options.server_flags.end());
    server_ = std::make_unique<Process>(command, Process::Options{.environment = environment});
    REQUIRE(eventually([&] {
        server_->wait_for("\n\n\n", std::chrono::milliseconds(20)); // reads what there is
        const auto text = server_->out() + server_->err();
        api_port_ = port_in(text, R"rx(addr: "[0-9.]+:(\d+)"[^\n]*purpose: "api")rx");
        worker_port_ = port_in(text, R"rx(addr: "[0-9.]+:(\d+)"[^\n]*purpose: "proxy")rx");
        return (api_port_ != 0 && worker_port_ != 0) || !server_->running();
    }));
    INFO(server_->out() << server_->err());
    REQUIRE(api_port_ != 0);
    REQUIRE(worker_port_ != 0);
    environment["BOUNDARY_ADDR"] = address();
}

Ended DevEnvironment::agentctl(std::vector<std::string> words, std::chrono::milliseconds deadline) {
    return start_agentctl(std::move(words)).wait(deadline);
}

Process DevEnvironment::start_agentctl(std::vector<std::string> words, bool own_session) {
    words.insert(words.begin(), AGENTCTL_PROGRAM);
    return Process(std::move(words), {.environment = environment, .own_session = own_session});
}

Json DevEnvironment::agentctl_json(std::vector<std::string> words) {
    words.insert(words.end(), {"-format", "json"});
    std::string command;
    for (const auto& word : words) command += " " + word;
    const auto ended = agentctl(std::move(words));
    INFO("agentctl" << command << "\n" << ended.out << ended.err);
    REQUIRE(ended.exit == 0);
    auto parsed = parse_json(std::string_view(ended.out).substr(0, ended.out.find('\n')));
    REQUIRE(parsed.has_value());
    return std::move(*parsed);
}

void DevEnvironment::login(const std::string& login_name) {
    const auto ended = agentctl({"authenticate", "password", "-auth-method-id", auth_method_id,
                                 "-login-name", login_name, "-password", "env://PW"});
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit == 0);
}

std::string DevEnvironment::token(const std::string& login_name) {
    const auto answer =
        agentctl_json({"authenticate", "password", "-auth-method-id", auth_method_id, "-login-name",
                       login_name, "-password", "env://PW"});
    return answer.at("item").at("attributes").at("token").get<std::string>();
}

Json DevEnvironment::connect_detached(std::vector<std::string> words) {
    words.insert(words.begin(), {"connect", "-detach"});
    return agentctl_json(std::move(words));
}

Json DevEnvironment::proxies() {
    auto items = agentctl_json({"list"}).at("items");
    return items.is_null() ? Json::array() : items;
}

pid_t DevEnvironment::agent_pid() {
    return agentctl_json({"status"}).at("pid").get<pid_t>();
}

void DevEnvironment::end_agent(int signal) {
    end_child(agent_pid(), signal);
}

void DevEnvironment::stop_server() {
    if (!server_) return;
    server_->signal(SIGTERM);
    server_->wait(std::chrono::seconds(10));
    server_.reset();
}

std::string DevEnvironment::server_log() {
    if (server_) server_->wait_for("\n\n\n", std::chrono::milliseconds(20));
    return server_ ? server_->out() + server_->err() : std::string();
}

void DevEnvironment::end_children() {
    const auto supervisors = children_named("agent-supervisor");
    auto agents = children_named("agentd");
    for (const pid_t supervisor : supervisors)
        for (const pid_t agent : children_named("agentd", std::to_string(supervisor)))
            agents.push_back(agent);
    // The proxies first, while they have somebody to tell of their end: alone they wait for the
    // next agentd.
    const auto proxies = [&] {
        auto found = children_named("agent-proxy"); // of an agentd before
        for (const pid_t agent : agents)
            for (const pid_t proxy : children_named("agent-proxy", std::to_string(agent)))
                found.push_back(proxy);
        return found;
    };
    if (!agents.empty()) {
        const auto told = proxies();
        for (const pid_t proxy : told) ::kill(proxy, SIGTERM);
        eventually(
            [&] {
                for (const pid_t proxy : told) ::waitpid(proxy, nullptr, WNOHANG);
                return proxies().empty();
            },
            std::chrono::seconds(8));
    }
    for (const pid_t supervisor : supervisors) end_child(supervisor, SIGTERM);
    for (const pid_t agent : children_named("agentd")) end_child(agent, SIGTERM);
    for (const pid_t proxy : children_named("agent-proxy")) end_child(proxy, SIGTERM);
}

} // namespace agent::test
