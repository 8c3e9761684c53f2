// A second user of the machine, who is refused at a proxy's port and let in where it is shared.
// Only root can be somebody else, so CMake registers this for root alone.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

using namespace agent::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr uid_t other_user = 65534; // nobody

/// What `act` returns, as another user, in a process of its own.
template <class Act> int as_other_user(Act act) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(other_user, other_user, other_user) != 0 ||
            ::setresuid(other_user, other_user, other_user) != 0)
            ::_exit(99);
        ::_exit(act());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

agent::UniqueFd connect_to(const std::string& address, std::uint16_t port) {
    agent::UniqueFd fd;
    const timeval limit{.tv_sec = 30, .tv_usec = 0};
    if (address.find(':') != std::string::npos) {
        fd.reset(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(port);
        ::inet_pton(AF_INET6, address.c_str(), &to.sin6_addr);
        if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
    } else {
        fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
        if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
    }
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

enum Outcome { echoed = 0, refused = 1, unreachable = 2 };

int try_echo(const std::string& address, std::uint16_t port) {
    const auto fd = connect_to(address, port);
    if (!fd) return unreachable;
    send_all(fd.get(), "hello");
    return receive_exactly(fd.get(), 5) == "hello" ? echoed : refused;
}

} // namespace

TEST_CASE("shared: another user is refused with a line in the log, and let in only where the proxy "
          "is shared") {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    const std::string address = GENERATE("127.0.0.1", "::1");
    if (address == "::1" && read_text("/proc/net/if_inet6").empty()) {
        WARN("this machine has no IPv6, so ::1 was not tried");
        return;
    }
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto connect = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"-target-id", target_id, "-listen-addr", address};
        words.insert(words.end(), more.begin(), more.end());
        return world.connect_detached(words);
    };
    const auto mine = connect({"-name", "mine"});
    const auto port = mine.at("port").get<std::uint16_t>();
    CHECK(mine.at("address") == address);
    CHECK(try_echo(address, port) == echoed);
    CHECK(as_other_user([&] { return try_echo(address, port); }) == refused);
    CHECK(eventually([&] {
        const auto log = read_text(world.folder() / "state/agentd/agent-proxy.log");
        return log.find("belongs to uid 65534") != std::string::npos &&
               log.find("the proxy on port " + std::to_string(port) + " is not shared") !=
                   std::string::npos;
    }));
    CHECK(try_echo(address, port) == echoed);

    const auto shared_port = connect({"-name", "ours", "-shared"}).at("port").get<std::uint16_t>();
    CHECK(as_other_user([&] { return try_echo(address, shared_port); }) == echoed);
    CHECK(try_echo(address, shared_port) == echoed);
}

TEST_CASE("shared: five hundred clients that are refused are a line or two in the log, and cost "
          "the owner no connection") {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto port =
        world.connect_detached({"-target-id", target_id}).at("port").get<std::uint16_t>();
    CHECK(as_other_user([&] {
              int bytes = 0;
              for (int i = 0; i < 500; ++i) {
                  const auto fd = connect_loopback(port);
                  bytes += static_cast<int>(receive_exactly(fd.get(), 1).size());
              }
              return bytes == 0 ? refused : echoed;
          }) == refused);
    CHECK(try_echo("127.0.0.1", port) == echoed);
    const auto log = read_text(world.folder() / "state/agentd/agent-proxy.log");
    int lines = 0;
    for (auto at = log.find("refused"); at != std::string::npos; at = log.find("refused", at + 1))
        ++lines;
    CHECK(lines >= 1);
    CHECK(lines <= 3); // the second a minute later, on a machine that takes so long
}

TEST_CASE("shared: the Unix socket of a proxy is its owner's alone, shared or not") {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    world.connect_detached({"-target-id", target_id, "-name", "ours", "-shared"});
    const auto path = world.proxies().at(0).at("socket_path").get<std::string>();
    const auto try_unix = [&] {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
        const agent::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ? 0
                                                                                           : errno;
    };
    CHECK(try_unix() == 0);
    CHECK(as_other_user(try_unix) == EACCES);
}

TEST_CASE("shared: another user is refused at a Unix socket whose mode somebody has opened, unless "
          "the proxy is shared") {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const bool shared = GENERATE(false, true);
    std::vector<std::string> words{"-target-id", target_id, "-name", "mine"};
    if (shared) words.push_back("-shared");
    world.connect_detached(words);
    const auto path = world.proxies().at(0).at("socket_path").get<std::string>();
    const auto set_modes = [&](fs::perms folders, fs::perms socket) {
        for (auto folder = fs::path(path).parent_path();
             folder != fs::path(world.folder().path()).parent_path(); folder = folder.parent_path())
            fs::permissions(folder, folders);
        fs::permissions(path, socket);
    };
    const auto try_unix = [&] {
        const auto fd = connect_local(path);
        if (!fd) return unreachable;
        send_all(fd.get(), "hello");
        return receive_exactly(fd.get(), 5) == "hello" ? echoed : refused;
    };
    set_modes(fs::perms(0711), fs::perms(0666));
    CHECK(as_other_user(try_unix) == (shared ? echoed : refused));
    CHECK(try_unix() == echoed);
    set_modes(fs::perms(0700), fs::perms(0600));
}

TEST_CASE("shared: agentctl says nothing to a socket that another user listens at") {
    INFO("this test becomes another user, which needs root");
    REQUIRE(::geteuid() == 0);
    const TempDir runtime;
    fs::create_directory(runtime.path() / "agentd");
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, (runtime.path() / "agentd/agent.sock").c_str(),
                 sizeof at.sun_path - 1);
    const agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(as_other_user([&] { return ::listen(socket.get(), 8); }) ==
            0); // who listens is who the kernel names

    Process::Options options;
    options.environment = {
        {"XDG_RUNTIME_DIR", runtime.path()}, {"BOUNDARY_ADDR", "http://127.0.0.1:1"}, {"PW", "x"}};
    const auto ended =
        run_program({AGENTCTL_PROGRAM, "authenticate", "password", "-auth-method-id",
                     auth_method_id, "-login-name", "admin", "-password", "env://PW"},
                    options);
    CHECK(ended.exit == 2);
    INFO(ended.err);
    CHECK(ended.err.find("another user (uid 65534) listens at") != std::string::npos);
    const agent::UniqueFd caller(::accept(socket.get(), nullptr, nullptr));
    REQUIRE(caller);
    char byte = 0;
    CHECK(::recv(caller.get(), &byte, 1, 0) == 0); // gone without a word
}
