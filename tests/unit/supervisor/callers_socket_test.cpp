#include "agentd/supervisor/callers_socket.hpp"

#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>

using agent::test::connect_local;
using supervisor::CallersSocket;
namespace fs = std::filesystem;

TEST_CASE("callers' socket: its owner's only, in the place of one that nobody listens at") {
    const agent::test::TempDir folder;
    const std::string path = folder / "agent.sock";
    CHECK_FALSE(supervisor::answers(path));
    {
        const auto left = CallersSocket::listen(path);
    }
    REQUIRE(fs::exists(path)); // as after a kill -9
    CHECK_FALSE(supervisor::answers(path));
    const auto socket = CallersSocket::listen(path);
    REQUIRE(socket.has_value());
    CHECK((fs::status(path).permissions() & fs::perms::mask) == fs::perms(0600));
    CHECK(supervisor::answers(path));
    socket->remove();
    CHECK_FALSE(fs::exists(path));
    CHECK_FALSE(CallersSocket::listen(folder / std::string(200, 'x')).has_value());
}

TEST_CASE("callers' socket: it leaves when nobody waits, and stays for who does") {
    const agent::test::TempDir folder;
    const std::string path = folder / "agent.sock";
    const auto socket = CallersSocket::listen(path);
    REQUIRE(socket.has_value());
    {
        const auto caller = connect_local(path);
        REQUIRE(caller);
        CHECK_FALSE(socket->leave());
        CHECK(connect_local(path)); // it is back
    }
    const auto another = CallersSocket::listen(folder / "other.sock");
    REQUIRE(another.has_value());
    CHECK(another->leave());
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("callers' socket: another's file in its place is left alone") {
    const agent::test::TempDir folder;
    const std::string path = folder / "agent.sock";
    const auto socket = CallersSocket::listen(path);
    REQUIRE(socket.has_value());
    const auto theirs = CallersSocket::listen(path); // as systemd takes it over
    REQUIRE(theirs.has_value());
    CHECK(socket->leave());
    CHECK(supervisor::answers(path));
    socket->remove();
    CHECK(supervisor::answers(path));
}
