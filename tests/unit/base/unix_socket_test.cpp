#include "base/unix_socket.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

#include <cerrno>

using agent::listen_unix;
using agent::Present;

TEST_CASE("unix socket: only its owner can open it, whatever the umask") {
    const agent::test::TempDir folder;
    const auto path = (folder / "sock").string();
    const int type = GENERATE(SOCK_STREAM, SOCK_DGRAM);
    const mode_t before = ::umask(0);
    const auto socket = listen_unix(path, Present::is_ours, type);
    ::umask(before);
    REQUIRE(socket.has_value());
    struct stat file{};
    REQUIRE(::lstat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    CHECK(agent::try_connect(path, type) == 0);
}

TEST_CASE("unix socket: what is ours is replaced; what may be served is not, as long as it is") {
    const agent::test::TempDir folder;
    const auto path = (folder / "sock").string();
    CHECK(agent::try_connect(path) == ENOENT);
    auto first = listen_unix(path, Present::may_be_served);
    REQUIRE(first.has_value());
    const auto refused = listen_unix(path, Present::may_be_served);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == agent::Errc::listen_failed);
    CHECK(refused.error().message == "listen on " + path + ": another process answers there");
    CHECK(listen_unix(path, Present::is_ours).has_value()); // and goes at once
    CHECK(agent::try_connect(path) == ECONNREFUSED);
    CHECK(listen_unix(path, Present::may_be_served).has_value());
    const auto file = folder.file("text", "");
    CHECK(listen_unix(file, Present::may_be_served).error().message ==
          "listen on " + file.string() + ": the file exists and is no socket");
}

TEST_CASE("unix socket: a path that does not fit is refused before anything is done") {
    const std::string fits = "/" + std::string(106, 'a'), longer = fits + "a";
    CHECK(agent::unix_address(fits).has_value());
    CHECK(agent::unix_address(longer).error().message ==
          longer + ": the path has more than 107 bytes");
    CHECK(listen_unix(longer, Present::is_ours).error().code == agent::Errc::listen_failed);
    CHECK(agent::try_connect(longer) == ENAMETOOLONG);
}
