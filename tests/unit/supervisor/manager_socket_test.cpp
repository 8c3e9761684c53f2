// Who hears what: a manager at a path of ours hears everything, whoever else might stand at an
// address hears READY=1.

#include "agentd/manager_socket.hpp"

#include "agentd/supervisor/notify_socket.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>

using agentd::ManagerSocket;
using supervisor::NotifySocket;
using Patience = agentd::ManagerSocket::Patience;

namespace {

/// At a name that the kernel chooses.
struct AbstractListener {
    agent::UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    std::string name;

    AbstractListener() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socklen_t size = sizeof(sa_family_t);
        REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        size = sizeof address;
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
        name = "@" + std::string(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
    }
    std::string heard() const {
        std::array<char, 100> text;
        const auto size = ::recv(socket.get(), text.data(), text.size(), 0);
        return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }
};

} // namespace

TEST_CASE("manager socket: an abstract one is told that we are ready, is never given a descriptor, "
          "and is forgotten") {
    const AbstractListener listener;
    ManagerSocket socket(listener.name);
    CHECK_FALSE(socket.trusted());
    CHECK_FALSE(socket.say("STOPPING=1", Patience::none));
    CHECK_FALSE(socket.say("FDSTORE=1", Patience::none, STDERR_FILENO));
    CHECK(listener.heard().empty());
    CHECK(socket.say_to_anybody("READY=1"));
    CHECK(listener.heard() == "READY=1");
    socket.forget();
    CHECK_FALSE(socket.say_to_anybody("READY=1"));
    CHECK(listener.heard().empty());
}

TEST_CASE("manager socket: a path is trusted while nobody else can put another socket there") {
    const agent::test::TempDir folder;
    const auto path = folder.folder("run") / "notify";
    auto manager = NotifySocket::open(path);
    REQUIRE(manager.has_value());
    ManagerSocket socket(path);
    CHECK(socket.trusted());
    CHECK(socket.say("FDSTORE=1\nFDNAME=a", Patience::none, STDERR_FILENO));
    const auto message = manager->receive();
    REQUIRE(message.has_value());
    CHECK(message->descriptors.size() == 1);

    SECTION("a folder that others can write to") {
        const auto mode = GENERATE(0770, 0707, 01777);
        REQUIRE(::chmod((folder / "run").c_str(), mode) == 0);
        CHECK_FALSE(socket.trusted());
        CHECK(socket.say_to_anybody("READY=1"));
    }
    SECTION("a link in its place") {
        std::filesystem::rename(path, folder / "elsewhere");
        std::filesystem::create_symlink(folder / "elsewhere", path);
        CHECK_FALSE(socket.trusted());
    }
    SECTION("a socket, or a folder, of another user") {
        if (::geteuid() != 0) return; // only root can give a file away
        REQUIRE(::chown((GENERATE(true, false) ? path : folder / "run").c_str(), 65534, 65534) ==
                0);
        CHECK_FALSE(socket.trusted());
    }
    SECTION("another folder under its name") {
        std::filesystem::rename(folder / "run", folder / "old");
        const auto other = NotifySocket::open(folder.folder("run") / "notify");
        REQUIRE(other.has_value());
        CHECK(socket.say("STOPPING=1", Patience::none)); // goes to whom it has known from the start
        CHECK(manager->receive().has_value());
        CHECK_FALSE(other->receive().has_value());
    }
}
