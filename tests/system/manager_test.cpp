// The service manager that agentd was started with, and who stands at its address later: no
// listening socket may go there.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>

using namespace agent::test;
namespace fs = std::filesystem;

namespace {

constexpr uid_t other_user = 65534; // nobody

/// Stands at an address, which may be an abstract name (@…), as another user where we may become
/// one.
class Stranger {
  public:
    explicit Stranger(const std::string& at) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, at.data(), at.size());
        if (at[0] == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + at.size());
        const pid_t child = ::fork(); // the socket is shared, and whoever binds it has the name
        if (child == 0) {
            if (::geteuid() == 0 && ::setresuid(other_user, other_user, other_user) != 0)
                ::_exit(2);
            ::_exit(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 ? 0
                                                                                            : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        stands_ = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    bool stands() const { return stands_; }

    /// Everything said so far, a line each; descriptors are counted.
    std::string heard() const {
        std::string all;
        for (;;) {
            std::array<char, 1000> text;
            alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> space;
            iovec part{text.data(), text.size()};
            msghdr message{};
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            message.msg_control = space.data();
            message.msg_controllen = space.size();
            const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
            if (size < 0) return all;
            all += std::string(text.data(), static_cast<std::size_t>(size)) + "\n";
            if (CMSG_FIRSTHDR(&message) != nullptr) all += "and descriptors\n";
        }
    }

  private:
    agent::UniqueFd socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    bool stands_ = false;
};

/// agentd behind a script that writes down where it is to say that it is ready.
std::string noting_program(const DevEnvironment& world, const std::string& note) {
    const auto path = world.folder().file("noting", "#!/bin/sh\nprintf %s \"$NOTIFY_SOCKET\" >'" +
                                                        note + "'\nexec '" AGENTD_PROGRAM "'\n");
    fs::permissions(path, fs::perms::owner_all);
    return path;
}

} // namespace

TEST_CASE("manager: who takes the address at which agentctl waited for agentd is given no "
          "listening socket") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    const std::string note = world.folder() / "address";
    world.environment["AGENTD"] = noting_program(world, note);
    world.login(); // agentctl waits there, and is gone
    const auto address = read_text(note);
    REQUIRE_FALSE(address.empty());
    CHECK_FALSE(fs::exists(address));
    const Stranger stranger(address);
    if (::geteuid() == 0) CHECK_FALSE(stranger.stands()); // it cannot even
    world.connect_detached({"-target-id", target_id, "-name", "mine"});
    world.connect_detached({"-target-id", target_id, "-keep", "-name", "kept"});
    world.agentctl({"disconnect", "mine"});
    world.end_agent(SIGTERM);
    CHECK(stranger.heard().empty());
}

TEST_CASE("manager: an abstract address that offers a store hears READY=1 and nothing else, ever") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    const std::string address = "@agentd-test-" + world.folder().path().filename().string();
    const Stranger stranger(address);
    REQUIRE(stranger.stands());
    auto environment = world.environment;
    environment["NOTIFY_SOCKET"] = address;
    environment["FDSTORE"] = "100";
    environment["WATCHDOG_USEC"] = "300000";
    Process agentd({AGENTD_PROGRAM}, {.environment = environment});
    std::string heard;
    REQUIRE(eventually([&] {
        heard += stranger.heard();
        return heard.find("READY=1") != std::string::npos;
    }));
    world.environment["AGENTCTL_NO_START"] = "1";
    world.login();
    world.connect_detached({"-target-id", target_id, "-name", "mine"});
    if (::geteuid() == 0) { // others may not look: no process of ours can be traced
        const auto proxy = world.proxies().at(0).at("pid").get<pid_t>();
        const auto variables = read_text("/proc/" + std::to_string(proxy) + "/environ");
        CHECK(variables.find("HOME=") != std::string::npos);
        for (const auto* theirs : {"NOTIFY_SOCKET=", "FDSTORE=", "WATCHDOG_"})
            CHECK(variables.find(theirs) == std::string::npos);
    }
    world.agentctl({"disconnect", "mine"});
    agentd.signal(SIGTERM);
    CHECK(agentd.wait().exit == 0);
    CHECK(heard + stranger.heard() == "READY=1\n");
}

TEST_CASE("manager: what an agentctl that was killed while it waited has left is taken away by the "
          "next one") {
    DevEnvironment world({.start_server = false});
    const auto folder = world.folder() / "run/agentd";
    const auto left = [&] {
        std::size_t count = 0;
        std::error_code none;
        for (const auto& file : fs::directory_iterator(folder, none))
            count += file.path().filename().string().starts_with("ready-") ? 1 : 0;
        return count;
    };
    const std::string note = world.folder() / "pid";
    const auto silent =
        world.folder().file("silent", "#!/bin/sh\necho $$ >'" + note + "'\nexec sleep 60\n");
    fs::permissions(silent, fs::perms::owner_all);
    world.environment["AGENTD"] = silent;
    {
        auto waiting = world.start_agentctl({"status"});
        REQUIRE(eventually([&] { return left() == 1 && !read_text(note).empty(); }));
        waiting.signal(SIGKILL);
        waiting.wait();
    }
    const auto started = static_cast<pid_t>(std::stoi(read_text(note)));
    ::kill(started, SIGKILL);
    ::waitpid(started, nullptr, 0); // its reaper is this process
    CHECK(left() == 1);
    world.environment["AGENTD"] = AGENTD_PROGRAM;
    CHECK(world.agentctl({"status"}).exit == 0);
    CHECK(left() == 0);
}

TEST_CASE("manager: a session bus at which another user listens is not used, neither for logins "
          "nor to be called") {
    if (::geteuid() != 0) return; // only root can be somebody else
    DevEnvironment world;
    const std::string name = "agentd-test-bus-" + world.folder().path().filename().string();
    const agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    const pid_t child = ::fork(); // who listens is who the kernel names
    if (child == 0)
        ::_exit(::setresuid(other_user, other_user, other_user) == 0 &&
                        ::listen(socket.get(), 8) == 0
                    ? 0
                    : 1);
    int status = 1;
    ::waitpid(child, &status, 0);
    REQUIRE(status == 0);
    world.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:abstract=" + name;
    world.login();
    const auto log = [&] { return read_text(world.folder() / "state/agentd/agentd.log"); };
    CHECK(eventually([&] {
        return log().find("another user listens where the session bus should be") !=
               std::string::npos;
    }));
    CHECK(eventually(
        [&] { return log().find(name + ": another user listens there") != std::string::npos; }));
}
